import Foundation

/// Pieces of an HTML page. All text goes through `escaped`.
enum HTML {
  /// The text with every character of HTML's markup escaped.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A file's bytes as a `data:` URL.
  static func embedded(_ data: Data, _ type: String) -> String { "data:\(type);base64,\(data.base64EncodedString())" }

  /// A table of texts. The first column names the rows. The table scrolls sideways if the page is narrow.
  static func table(_ caption: String, _ header: [String], _ rows: [[String]]) -> String {
    let head = header.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
    let body = rows.map { row in
      "<tr><th scope=\"row\">\(escaped(row.first ?? ""))</th>"
        + row.dropFirst().map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }
    return """
      <p class="caption">\(escaped(caption))</p>
      <div class="scroll" tabindex="0" role="region" aria-label="\(escaped(caption))"><table>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(body.joined(separator: "\n"))
      </tbody></table></div>

      """
  }

  /// A plot in its light and its dark version. The browser shows the one that fits the page.
  static func plot(_ plot: Plot, light: Data, dark: Data) -> String {
    """
    <figure class="plot"><picture>
    <source media="(prefers-color-scheme: dark)" srcset="\(embedded(dark, "image/png"))">
    <img src="\(embedded(light, "image/png"))" width="\(Plot.size.width / 2)" height="\(Plot.size.height / 2)" \
    alt="\(escaped(plot.title)). \(escaped(plot.description))">
    </picture></figure>

    """
  }

  /// A complete page that loads no other file.
  static func page(title: String, body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(escaped(title))</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    <main>
    \(body)
    </main>
    </body>
    </html>

    """
  }

  private static let style = """
    :root { color-scheme: light dark; --ground: #f4f6f8; --paper: #ffffff; --ink: #1d2733; --soft: #566371; \
    --line: #d5dbe1; --accent: #0b66a8; --wrong: #b3420f; }
    @media (prefers-color-scheme: dark) { :root { --ground: #0e1319; --paper: #161c24; --ink: #e4e9ee; --soft: \
    #a2aeba; --line: #37424e; --accent: #5bb2ea; --wrong: #f0874f; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); \
    font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
    main { max-width: 1240px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
    h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
    h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; }
    p { margin: .4rem 0; max-width: 46rem; }
    .soft { color: var(--soft); }
    .tiles { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .75rem; \
    margin: 1.2rem 0 0; padding: 0; }
    .tiles div { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: .7rem .9rem; }
    .tiles dt { color: var(--soft); font-size: .85rem; line-height: 1.25; }
    .tiles dd { margin: 0; font-size: 1.45rem; font-weight: 600; font-variant-numeric: tabular-nums; }
    .tiles dd + dd { font-size: .8rem; font-weight: 400; color: var(--soft); }
    @media (min-width: 45rem) { .tiles { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
    .plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: .75rem; }
    figure { margin: 0; }
    .plot { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: .5rem; }
    .plot img { display: block; width: 100%; height: auto; }
    .scroll { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; margin: \
    .35rem 0 .75rem; }
    table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
    .caption { color: var(--soft); font-size: .9rem; margin: 1rem 0 0; max-width: none; }
    th, td { padding: .35rem .7rem; text-align: right; white-space: nowrap; }
    thead th { color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--line); vertical-align: bottom; \
    white-space: normal; }
    tbody tr + tr > * { border-top: 1px solid var(--line); }
    th:first-child { text-align: left; font-weight: 600; }
    .facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: .6rem 0; \
    font-size: .9rem; }
    .facts dt { color: var(--soft); }
    .facts dd { margin: 0; overflow-wrap: anywhere; }
    .faces { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.25rem, 1fr)); gap: .75rem; }
    .faces figure { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
    .faces img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; }
    .faces figcaption { padding: .4rem .55rem .5rem; font-size: .78rem; line-height: 1.35; overflow-wrap: anywhere; }
    .faces b { color: var(--wrong); }
    .note { border-left: 4px solid var(--accent); background: var(--paper); padding: .6rem .9rem; border-radius: 0 8px \
    8px 0; }
    @media print { .plot, .faces figure, tr { break-inside: avoid; } }
    """
}
