/// A command-line program: its verbs and options, and the parser for its command lines.
///
/// ```swift
/// let name = Positional(.text("NAME"), help: "who is greeted")
/// let greet = Command(
///   "greet", summary: "greet a person", positionals: [name], examples: [.init("Greet Ada", "hello greet Ada")])
/// let program = Program("hello", version: "1.0", summary: "a friendly program", verbs: [greet], examples: [])
/// switch try program.parse(Array(CommandLine.arguments.dropFirst())) {
/// case .show(let text): try Output.standard.write(text)
/// case .run(let invocation): try Output.standard.line("Hello \(invocation[name])!")
/// }
/// ```
public struct Program: Sendable {
  /// The request of a command line.
  public enum Request: Sendable {
    /// A text for standard output: help, or the version.
    case show(String)
    /// A verb to run, with its values.
    case run(Invocation)
  }

  let root: Command
  let version: String
  let everywhere: [OptionDefinition]

  /// - Parameters:
  ///   - everywhere: Options of every verb. They may also stand before the verb.
  public init(
    _ name: String, version: String, summary: String, description: String = "", everywhere: [any AnyOption] = [],
    verbs: [Command], examples: [Command.Example]
  ) {
    root = Command(name, summary: summary, description: description, verbs: verbs, examples: examples)
    self.version = version
    self.everywhere = everywhere.map(\.definition)
  }

  /// Parses a command line.
  ///
  /// - Parameters:
  ///   - arguments: The arguments without the program's name.
  ///   - environment: The environment variables. They give the settings that the command line does not give. Empty
  ///     variables count as not set.
  ///   - settings: The values of the settings file, by option name.
  ///   - width: The columns for help texts.
  ///   - style: Makes the headings of help texts bold.
  /// - Throws: `UsageError`.
  public func parse(
    _ arguments: [String], environment: [String: String] = [:], settings: [String: String] = [:], width: Int = 80,
    style: Style = .plain
  ) throws(UsageError) -> Request {
    let help = { (path: [Command]) in Help(program: self, path: path, width: width, style: style).text }
    guard let first = arguments.first else { return .show(help([root])) }
    if first == "--version" { return .show("\(root.name) \(version)\n") }
    if first == "help" { return .show(help(try path(of: Array(arguments.dropFirst())))) }
    if arguments.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      return .show(help(try path(of: verbs(in: arguments))))
    }
    var parser = Parser(program: self)
    try parser.read(arguments)
    return .run(try parser.invocation(environment: environment, settings: settings))
  }

  /// Follows the words down from the program, as long as they are verbs.
  private func path(of words: [String]) throws(UsageError) -> [Command] {
    var path = [root]
    for word in words {
      guard let command = path.last, !command.verbs.isEmpty else { break }
      if !command.isGroup, !command.verbs.contains(where: { $0.name == word }) { break }
      path.append(try Self.verb(word, in: path))
    }
    return path
  }

  /// The words of a command line that may be verbs. The rest of the command line may be invalid.
  private func verbs(in arguments: [String]) -> [String] {
    var words: [String] = []
    var isValue = false
    for argument in arguments {
      if argument.hasPrefix("-") {
        isValue = everywhere.contains { $0.placeholder != nil && "--" + $0.name == argument }
      } else {
        if !isValue { words.append(argument) }
        isValue = false
      }
    }
    return words
  }

  /// The verb with this name in the group at the end of a path.
  static func verb(_ word: String, in path: [Command]) throws(UsageError) -> Command {
    let group = path[path.count - 1]
    if let verb = group.verbs.first(where: { $0.name == word }) { return verb }
    let typed = path.map(\.name).joined(separator: " ")
    // Somebody who typed `rollcall list` means `people list` or another `list`.
    let deeper = group.verbs.flatMap { verb in
      verb.verbs.filter { $0.name == word || $0.synonyms.contains(word) }.map { "\(typed) \(verb.name) \($0.name)" }
    }
    let synonyms = group.verbs.filter { $0.synonyms.contains(word) }.map { "\(typed) \($0.name)" }
    let near = closest(to: word, among: group.verbs.map(\.name)).map { "\(typed) \($0)" }
    let meant = [synonyms, deeper, near].first { !$0.isEmpty } ?? []
    let there = meant.isEmpty ? "; there are \(group.verbs.map(\.name).joined(separator: ", "))" : didYouMean(meant)
    throw UsageError("\(typed) has no verb “\(word)”\(there)", verb: typed)
  }
}
