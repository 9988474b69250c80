/// The text that `--help` shows.
struct Help {
  private static let indent = 2
  /// Longer names have a line of their own.
  private static let longestName = 26

  let program: Program
  /// The program and its verbs, down to the one that is explained.
  let path: [Command]
  let width: Int
  let style: Style

  /// - Parameter width: The columns of the terminal. They are limited to 60…100: longer lines are hard to read, and
  ///   options do not fit into shorter ones.
  init(program: Program, path: [Command], width: Int, style: Style) {
    self.program = program
    self.path = path
    self.width = min(100, max(60, width))
    self.style = style
  }

  private var command: Command { path[path.count - 1] }
  private var typed: String { path.map(\.name).joined(separator: " ") }

  var text: String {
    var sections = [style.apply(.bold, to: typed) + ": " + command.summary + "\n", section("Usage", usage)]
    if !command.description.isEmpty {
      sections.append(command.description.wrapped(to: width).joined(separator: "\n") + "\n")
    }
    sections.append(section("Verbs", table(command.verbs.map { ($0.name, $0.summary) })))
    sections.append(section("Arguments", table(command.positionals.map { ($0.usage, $0.help) })))
    sections.append(section("Options", table(command.options.map(explained))))
    let help = ("--help", "show this")
    let version = path.count == 1 ? [("--version", "show the program's version")] : []
    sections.append(section("Everywhere", table(program.everywhere.map(explained) + [help] + version)))
    sections.append(section("Examples", examples))
    if !command.verbs.isEmpty { sections.append("Try: \(typed) VERB --help\n") }
    return sections.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func section(_ title: String, _ lines: [String]) -> String {
    guard !lines.isEmpty else { return "" }
    let margin = String(repeating: " ", count: Self.indent)
    return style.apply(.bold, to: title + ":") + "\n" + lines.map { $0.isEmpty ? "\n" : margin + $0 + "\n" }.joined()
  }

  private var usage: [String] {
    let words = command.positionals.map(\.usage) + command.options.map { "[\($0.usage)]" + ($0.repeats ? "…" : "") }
    return (command.isGroup ? [] : usage(of: words)) + (command.verbs.isEmpty ? [] : usage(of: ["VERB …"]))
  }

  private func usage(of parts: [String]) -> [String] {
    // No-break spaces keep an option and its value on one line. They become blanks after the lines are broken.
    let joined = parts.map { String($0.map { $0 == " " ? "\u{A0}" : $0 }) }.joined(separator: " ")
    let hang = typed.columns + 1
    let lines = joined.wrapped(to: max(20, width - Self.indent - hang))
    return lines.enumerated().map { number, line in
      let plain = String(line.map { $0 == "\u{A0}" ? " " : $0 })
      return number == 0 ? typed + (plain.isEmpty ? "" : " " + plain) : String(repeating: " ", count: hang) + plain
    }
  }

  private func explained(_ option: OptionDefinition) -> (name: String, help: String) {
    let remarks = (option.remarks + [option.environment.map { "env \($0)" } ?? ""]).filter { !$0.isEmpty }
    return (option.usage, option.help + (remarks.isEmpty ? "" : " [\(remarks.joined(separator: "; "))]"))
  }

  private func table(_ rows: [(name: String, help: String)]) -> [String] {
    let names = rows.map(\.name.columns).filter { $0 <= Self.longestName }.max() ?? Self.longestName
    let gap = names + 2
    return rows.flatMap { row in
      let lines = row.help.wrapped(to: max(20, width - Self.indent - gap))
      let margin = String(repeating: " ", count: gap)
      if row.name.columns > names { return [row.name] + lines.map { margin + $0 } }
      return [row.name.padded(to: gap) + lines[0]] + lines.dropFirst().map { margin + $0 }
    }
  }

  private var examples: [String] {
    command.examples.enumerated().flatMap { number, example in
      (number == 0 ? [] : [""]) + ["# " + example.comment, example.line]
    }
  }
}
