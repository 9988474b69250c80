"""How accessible the console's pages are: accessibility.py ADDRESS SET-UP-LINK ROLLCALL FOLDER

axe-core judges every page and dialog in both themes, at the width of a phone and of a desk; then the pages are used by keyboard alone.
"""

import contextlib
import pathlib
import sys
import time

import axe_core_python
from console import Browser, Disappointment, Report, face_film, picture_folder, run, wait
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

ADMIN, PASSWORD = "ada", "a door that opens twice"
COLLINS = "Eileen Collins"
SIZES = ((390, 844), (1440, 900))

JUDGE = """
  const done = arguments[arguments.length - 1];
  axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }).then(
    ({ violations, passes }) => done({
      violations: violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map(({ html, any }) => html.slice(0, 160) + " " + (any[0]?.message ?? "")).join(" | ")}`),
      passes: passes.length, width: document.documentElement.scrollWidth }),
    (error) => done({ violations: [String(error)], passes: 0, width: 0 }));
"""

# What is folded is judged, too. Two pictures later styles and layout are those of this size, and no colour is on its way to another one.
SETTLE = """
  const done = arguments[0];
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
    requestAnimationFrame(() => done());
  }));
"""


class Judge:
    """Has axe look at a page in all themes and sizes, and remembers what it finds fault with."""

    def __init__(self, browser):
        self.browser = browser
        self.axe = pathlib.Path(axe_core_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
        self.faults = []
        self.count = 0

    def __call__(self, name):
        browser = self.browser
        for width, height in SIZES:
            browser.resize(width, height)
            for dark in (False, True):
                browser.theme(dark)
                if not browser.script("return typeof axe === 'object'"):
                    browser.script(self.axe)
                browser.driver.execute_async_script(SETTLE)
                found = browser.driver.execute_async_script(JUDGE)
                if found["violations"]:
                    # What was drawn anew meanwhile is judged once more.
                    time.sleep(0.5)
                    found = browser.driver.execute_async_script(JUDGE)
                where = f"{name}, {width} px, {'dark' if dark else 'light'}"
                if not found["passes"]:
                    self.faults.append(f"{where}: nothing was judged")
                if found["width"] > width:
                    self.faults.append(f"{where}: the page is {found['width']} px wide")
                self.faults += [f"{where}: {violation}" for violation in found["violations"]]
                self.count += 1
        browser.theme(False)
        browser.resize(*SIZES[-1])


def loaded(browser):
    """Nothing is being waited for any more."""
    wait("that the page is there", lambda: browser.find("//h1") or browser.script("return document.querySelector('h1')"))
    wait("that everything is loaded", lambda: not browser.script("return document.querySelector('.skeleton, [aria-busy=true]')"))


def show(browser, judge, path, name, ready=None):
    browser.open(path)
    loaded(browser)
    if ready:
        browser.see(ready)
    judge(name)


def dialog(browser, judge, name, button, within="", ready=None):
    """Opens a dialog, has it judged, leaves it by Escape: the cursor is where it was."""
    browser.press(button, within)
    wait(f"the dialog {name}", lambda: browser.find("//dialog[@open]"))
    if ready:
        browser.see(ready)
    judge(f"dialog {name}")
    if not browser.script("return document.activeElement.closest('dialog') !== null"):
        judge.faults.append(f"dialog {name}: the cursor is not in it")
    escape(browser)
    wait(f"that Escape closes {name}", lambda: not browser.find("//dialog[@open]"))
    focused = browser.script("const it = document.activeElement; return it.getAttribute('aria-label') ?? it.textContent")
    if not (focused or "").strip().startswith(button) and not (focused or "").strip().endswith(button):
        judge.faults.append(f"dialog {name}: the cursor came back to “{focused}”, not to “{button}”")


def press_key(browser, *keys):
    browser.driver.switch_to.active_element.send_keys(*keys)


def escape(browser):
    press_key(browser, Keys.ESCAPE)


# What must be reachable: everything that does something, but what a grid or tabs leave to the arrow keys.
REACHABLE = """
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false }) && element.getClientRects().length;
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  window.reachable = all.filter((element) => !element.disabled && element.tabIndex >= 0 && seen(element) && !element.closest("[inert]"));
  window.reached = new Set();
  document.activeElement?.blur();
  addEventListener("focusin", (event) => window.reached.add(event.target));
  return window.reachable.length;
"""
MISSED = """
  const radios = (element) => element.type === "radio" && [...window.reached].some((other) => other.name === element.name);
  return window.reachable.filter((element) => element.isConnected && !window.reached.has(element) && !radios(element)).map((element) => element.outerHTML.slice(0, 120));
"""


def tab_through(browser, judge, path):
    """Tab alone reaches everything, and where one is can be seen."""
    browser.open(path)
    loaded(browser)
    count = browser.script(REACHABLE)
    for _ in range(count + 12):
        press_key(browser, Keys.TAB)
        if not browser.script(MISSED):
            break
    missed = browser.script(MISSED)
    if missed:
        judge.faults.append(f"{path}: Tab does not reach {missed[:3]}")
    unseen = browser.script(
        "const it = document.activeElement, style = getComputedStyle(it);"
        "return it !== document.body && style.outlineStyle === 'none' && style.boxShadow === 'none' ? it.outerHTML.slice(0, 120) : null"
    )
    if unseen:
        judge.faults.append(f"{path}: nothing shows that the cursor is at {unseen}")


def skip_link(browser, judge):
    browser.open("/people")
    loaded(browser)
    press_key(browser, Keys.TAB)
    first = browser.script("return document.activeElement.textContent")
    press_key(browser, Keys.ENTER)
    inside = browser.script("return document.activeElement.id")
    if first != "Skip to the content" or inside != "main":
        judge.faults.append(f"the first stop is “{first}” and leads to “{inside}”")


def menu(browser, judge):
    """The navigation of a phone is a dialog in all but name."""
    browser.resize(*SIZES[0])
    browser.open("/people")
    loaded(browser)
    browser.press("Menu")
    wait("the open menu", lambda: browser.find("//button[@aria-label='Close the menu']"))
    time.sleep(0.3)  # It slides in.
    judge_now = Judge(browser)
    judge_now("the open menu of a phone")
    judge.faults += [fault for fault in judge_now.faults if "390" in fault]
    judge.count += judge_now.count
    browser.resize(*SIZES[0])


def without_account(browser, judge, link):
    show(browser, judge, "/setup", "set-up without its link", "works once")
    show(browser, judge, link, "set-up", "Make the account")
    tab_through(browser, judge, "/setup")
    browser.open(link)
    wait("the form", lambda: browser.find("//form"))
    browser.type("Your name for logging in", ADMIN)
    for label in ("Password", "Password again"):
        browser.type(label, PASSWORD)
    browser.press("Make the account")
    browser.heading("Rollcall is set up")
    judge("set-up done")


def enrolment(browser, judge):
    browser.open("/people-new")
    browser.see("Who is it?")
    judge("enrolment, who")
    browser.type("Name", COLLINS)
    browser.type("Another group", "visitors")
    browser.press("Next: consent")
    browser.see(f"{COLLINS} agrees")
    browser.press("Next: photos")
    browser.see("Without consent nobody is enrolled.")
    judge("enrolment, consent with a complaint")
    browser.press("Change the text")
    judge("enrolment, text of the consent")
    browser.press("Done")
    browser.tick(f"{COLLINS} has heard")
    browser.press("Next: photos")
    browser.see("Start the camera")
    judge("enrolment, photos")
    browser.driver.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(picture_folder() / "astronaut.png"))
    browser.see("Enroll with 1 photo")
    judge("enrolment, one photo")
    browser.press("Enroll with 1 photo")
    browser.see(f"{COLLINS} is enrolled")
    judge("enrolment, done")
    browser.press(f"Open {COLLINS}")
    browser.heading(COLLINS)
    return browser.script("return location.pathname + location.search")


def same_face_again(browser, judge):
    """Somebody who is enrolled comes under another name."""
    browser.open("/people-new")
    browser.type("Name", "Somebody Else")
    browser.press("Next: consent")
    browser.tick("Somebody Else has heard")
    browser.press("Next: photos")
    browser.see("Start the camera")
    browser.driver.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(picture_folder() / "astronaut.png"))
    browser.see(f"Is this {COLLINS}?")
    judge("enrolment, a face that is known already")


def same_name_again(browser, judge):
    """The name of somebody who is enrolled comes a second time, and a second person may have it."""
    browser.open("/people-new")
    browser.type("Name", COLLINS.upper())
    browser.press("Next: consent")
    browser.see("Somebody with this name is enrolled already.")
    judge("enrolment, a name that is taken")
    browser.press("Two people of one name: go on")
    browser.see(f"{COLLINS.upper()} agrees")


def somebody_else(browser, judge, person):
    """A photo of another person is added to a person's photos."""
    browser.open(person)
    browser.press("Add photos")
    browser.see("Start the camera")
    browser.driver.find_element(By.CSS_SELECTOR, "dialog input[type=file]").send_keys(str(picture_folder() / "biden.jpg"))
    browser.press("Add 1 photo")
    browser.see(f"The photo does not fit the other photos of {COLLINS}.")
    judge("a photo that does not fit its person")
    browser.press("Somebody else: remove the photo")
    browser.see("Start the camera")
    browser.press("Close")


def with_camera(browser, judge):
    browser.open("/camera")
    browser.see("Before it is switched on")
    judge("this camera, before")
    browser.type("Name of this camera", "front-desk")
    browser.press("Switch the camera on")
    wait("her name", lambda: browser.find(f"//section[@aria-label='Here now']//a[.='{COLLINS}']"))
    judge("this camera, running")
    camera = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.resize(*SIZES[-1])
    browser.open("/live")
    wait("a picture", lambda: browser.find(f"//article//h2[.='front-desk']") and COLLINS in browser.text)
    judge("live with a camera")
    dialog(browser, judge, "a still", "Snapshot of front-desk")
    show(browser, judge, "/cameras", "cameras with one", "front-desk")
    browser.driver.close()
    browser.driver.switch_to.window(camera)
    browser.press("Snapshot")
    wait("the still", lambda: browser.find("//dialog[@open]"))
    escape(browser)
    browser.press("Switch off")
    show(browser, judge, "/kiosk", "kiosk, before", "Rollcall at the door")
    browser.press("Start")
    browser.see("Eileen")
    judge("kiosk, running")


def main():
    address, link, rollcall, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    report = Report()
    camera = face_film(rollcall, picture_folder() / "astronaut.png", folder / "camera.y4m")
    report("a film for the camera is made")
    with contextlib.ExitStack() as stack:
        browser = stack.enter_context(Browser(address, camera=camera))
        judge = Judge(browser)
        try:
            check(browser, judge, link, report)
            browser.check_troubles()
        except BaseException:
            browser.show_failure(folder / "accessibility.png")
            print("\n".join(judge.faults))
            raise
    print(f"{judge.count} times a page was judged")
    if judge.faults:
        raise Disappointment(f"{len(judge.faults)} faults\n" + "\n".join(judge.faults))


def check(browser, judge, link, report):
    without_account(browser, judge, link)
    report("set-up")

    show(browser, judge, "/live", "live without a camera", "No camera yet")
    show(browser, judge, "/people", "people, none", "Nobody is enrolled yet")
    show(browser, judge, "/cameras", "cameras, none", "No camera yet")
    show(browser, judge, "/masks", "masks, none")
    report("pages before there is anything on them")

    person = enrolment(browser, judge)
    judge("a person")
    dialog(browser, judge, "name and groups", "Name and groups")
    dialog(browser, judge, "add photos", "Add photos", ready="Choose photos")
    dialog(browser, judge, "forget", "Forget this person")
    report("enrolment and a person's page")

    somebody_else(browser, judge, person)
    same_name_again(browser, judge)
    same_face_again(browser, judge)
    with_camera(browser, judge)
    report("live, this camera, cameras, kiosk")

    show(browser, judge, "/people", "people", COLLINS)
    show(browser, judge, "/attendance", "attendance, day", "Arrived")
    dialog(browser, judge, "add a mark", "Add a mark")
    dialog(browser, judge, "export", "Export")
    dialog(browser, judge, "void", "Make void")
    dialog(browser, judge, "a person's day", "Details of", ready="Arrived")
    show(browser, judge, "/attendance?view=week", "attendance, week", COLLINS)
    show(browser, judge, "/attendance?view=month", "attendance, month", COLLINS)
    report("attendance")

    show(browser, judge, "/masks", "masks", "No mask")
    show(browser, judge, "/cameras", "cameras")
    dialog(browser, judge, "add a camera", "Add a camera")
    show(browser, judge, "/users", "users", ADMIN)
    dialog(browser, judge, "add a user", "Add a user")
    browser.press("API tokens")
    judge("tokens")
    dialog(browser, judge, "new token", "New token")
    browser.press("Roles")
    judge("roles")
    show(browser, judge, "/audit", "audit", "Set Rollcall up")
    wait("the user's menu", lambda: browser.find("//button[@aria-controls='user-menu']")).click()
    judge("the user's menu")
    browser.press("Change password")
    wait("its dialog", lambda: browser.find("//dialog[@open]"))
    judge("dialog change password")
    escape(browser)
    show(browser, judge, "/person?id=nobody", "a person who is not there", "Nobody here")
    report("the other pages")

    for path in ("/live", "/camera", "/people", "/people-new", person, "/attendance", "/attendance?view=month", "/masks", "/cameras", "/users", "/audit"):
        tab_through(browser, judge, path)
    skip_link(browser, judge)
    menu(browser, judge)
    report("the keyboard")

    browser.resize(*SIZES[-1])
    browser.open("/people")
    wait("the user's menu", lambda: browser.find("//button[@aria-controls='user-menu']")).click()
    browser.press("Log out")
    browser.see("Password")
    judge("login")
    browser.log_in(ADMIN, "a door that opens once")
    browser.see("Name and password do not belong together.")
    judge("login with a complaint")
    tab_through(browser, judge, "/login")
    report("login")


run(main, 600)
