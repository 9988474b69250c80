/*
 * Sets the chosen theme before the first paint. A classic script in <head>, not a module: modules run after
 * the page is drawn, and a dark room would see a white flash at every page.
 *
 * Usage: <script src="/assets/theme.js"></script> before the style sheet.
 */
(() => {
  try {
    const theme = localStorage.getItem("rollcall.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be forbidden: the system's theme serves then.
  }
})();
