/// A parser that reads a command line from left to right.
struct Parser {
  private let program: Program
  private var path: [Command]
  private var given: [String: [String]] = [:]
  private var words: [String] = []

  init(program: Program) {
    self.program = program
    path = [program.root]
  }

  private var command: Command { path[path.count - 1] }
  private var typed: String { path.map(\.name).joined(separator: " ") }
  private var options: [OptionDefinition] { command.options + program.everywhere }

  // MARK: Reading

  mutating func read(_ arguments: [String]) throws(UsageError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        for word in rest { try read(word: word, mayBeVerb: false) }
        return
      } else if argument.hasPrefix("--") {
        try read(option: argument.dropFirst(2), rest: &rest)
      } else if argument.hasPrefix("-"), argument != "-" {
        throw unknown(option: argument)
      } else {
        try read(word: argument)
      }
    }
  }

  private mutating func read(word: String, mayBeVerb: Bool = true) throws(UsageError) {
    if command.isGroup {
      path.append(try Program.verb(word, in: path))
    } else if mayBeVerb, isUntouched, let verb = command.verbs.first(where: { $0.name == word }) {
      path.append(verb)
    } else {
      words.append(word)
    }
  }

  /// Whether the current verb still has no word and no option of its own.
  private var isUntouched: Bool {
    words.isEmpty && !command.options.contains { given[$0.name] != nil }
  }

  private mutating func read(option text: Substring, rest: inout ArraySlice<String>) throws(UsageError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = options.first(where: { $0.name == name }) else { throw unknown(option: "--" + name) }
    let value: String
    if parts.count == 2 {
      value = String(parts[1])
    } else if option.placeholder == nil {
      value = "yes"
    } else if let next = rest.first, !Self.looksLikeOption(next) {
      value = next
      rest.removeFirst()
    } else {
      let dash = rest.first.map { "; if “\($0)” is the value, write --\(name)=\($0)" } ?? ""
      throw UsageError("--\(name) needs a value: write \(option.usage)\(dash)", verb: typed)
    }
    given[name, default: []].append(value)
  }

  /// Whether an argument looks like an option. Negative numbers and a single dash are values.
  private static func looksLikeOption(_ argument: String) -> Bool {
    argument.hasPrefix("-") && argument != "-" && Double(argument) == nil
  }

  private func unknown(option: String) -> UsageError {
    let name = String(option.drop { $0 == "-" })
    if command.isGroup, Self.verbs(of: command).contains(where: { $0.options.contains { $0.name == name } }) {
      return UsageError("\(option) comes after the verb: write \(typed) VERB … \(option)", verb: typed)
    }
    let names = options.map(\.name) + ["help"]
    let near = name.count > 1 ? closest(to: name, among: names) : names.filter { $0.hasPrefix(name) && !name.isEmpty }
    let path = near.isEmpty && !command.positionals.isEmpty ? "; if it is no option, write -- before it" : ""
    return UsageError(
      "\(typed) has no option \(option)\(didYouMean(near.map { "--" + $0 }))\(path)", verb: typed)
  }

  // MARK: Values

  /// The verb with the values of all its options and positionals.
  func invocation(environment: [String: String], settings: [String: String]) throws(UsageError) -> Invocation {
    guard !command.isGroup else {
      throw UsageError("\(typed) needs a verb behind it: \(list(command.verbs.map(\.name)))", verb: typed)
    }
    try check(settings)
    var values: [String: any Sendable] = [:]
    for option in options {
      let (texts, source) = said(of: option, environment, settings)
      do {
        values["--" + option.name] = try option.read(texts)
      } catch {
        throw UsageError("\(source): \(error)", verb: typed)
      }
    }
    var rest = words[...]
    for positional in command.positionals {
      let texts = Array(rest.prefix(positional.count.upperBound))
      rest = rest.dropFirst(texts.count)
      guard texts.count >= positional.count.lowerBound else { throw missing(positional) }
      do {
        values[positional.placeholder] = try positional.read(texts)
      } catch {
        throw UsageError("\(positional.placeholder): \(error)", verb: typed)
      }
    }
    if let word = rest.first { throw tooMany(word) }
    return Invocation(verb: path.dropFirst().map(\.name).joined(separator: " "), typed: typed, values: values)
  }

  /// The texts that were given for an option, and their source. The command line comes before the environment, and the
  /// environment before the settings file.
  private func said(
    of option: OptionDefinition, _ environment: [String: String], _ settings: [String: String]
  ) -> (texts: [String], source: String) {
    if let texts = given[option.name] { return (texts, "--" + option.name) }
    guard let variable = option.environment else { return ([], "") }
    if let text = environment[variable], !text.isEmpty { return ([text], "the environment variable \(variable)") }
    if let text = settings[option.name] { return ([text], "“\(option.name)” in the settings file") }
    return ([], "")
  }

  private func check(_ settings: [String: String]) throws(UsageError) {
    let declared = Self.verbs(of: program.root).flatMap(\.options) + program.everywhere
    let known = declared.filter { $0.environment != nil }.map(\.name)
    guard let unknown = settings.keys.sorted().first(where: { !known.contains($0) }) else { return }
    let near = closest(to: unknown, among: known)
    let there = near.isEmpty ? "; there are \(Set(known).sorted().joined(separator: ", "))" : didYouMean(near)
    throw UsageError("the settings file sets “\(unknown)”, which is no setting\(there)", verb: program.root.name)
  }

  /// All verbs below a group.
  private static func verbs(of group: Command) -> [Command] { group.verbs + group.verbs.flatMap(verbs) }

  private func missing(_ positional: PositionalDefinition) -> UsageError {
    let example = command.examples.first.map { ". For example: \($0.line)" } ?? ""
    return UsageError("\(typed) needs \(positional.usage), \(positional.help)\(example)", verb: typed)
  }

  private func tooMany(_ word: String) -> UsageError {
    let usage = ([typed] + command.positionals.map(\.usage)).joined(separator: " ")
    return UsageError(
      "“\(word)” is one word too many: write \(usage), and put what has blanks in it in quotation marks", verb: typed)
  }
}
