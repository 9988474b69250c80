/// A verb, a group of verbs, or both. `people` is a group with the verbs `people list` and `people show`.
public struct Command: Sendable {
  /// An example of a command line, for help texts.
  public struct Example: Sendable {
    let comment: String
    let line: String

    /// - Parameters:
    ///   - comment: What the line does.
    ///   - line: The whole command line, including the program's name.
    public init(_ comment: String, _ line: String) {
      self.comment = comment
      self.line = line
    }
  }

  let name: String
  let summary: String
  let description: String
  let positionals: [PositionalDefinition]
  let options: [OptionDefinition]
  let examples: [Example]
  let verbs: [Command]
  let synonyms: [String]

  /// A verb.
  ///
  /// - Parameters:
  ///   - name: The word that is typed.
  ///   - summary: One line on what it does. It begins with a small letter and has no full stop.
  ///   - description: Further help. An empty line separates two paragraphs.
  ///   - synonyms: Words that a person may try instead. They are not verbs, but the error message suggests this verb.
  ///   - positionals: The positionals in order. Only the last one may be optional or repeated.
  ///   - verbs: Verbs below this one. Such a verb is meant if its name directly follows this verb. A positional with
  ///     the same text is typed differently: a path as `./NAME`, or any text after `--`.
  ///   - examples: Examples for help texts. The first one is also shown if a required argument is missing.
  public init(
    _ name: String, summary: String, description: String = "", synonyms: [String] = [],
    positionals: [any AnyPositional] = [], options: [any AnyOption] = [], verbs: [Command] = [], examples: [Example]
  ) {
    self.name = name
    self.summary = summary
    self.description = description
    self.synonyms = synonyms
    self.positionals = positionals.map(\.definition)
    self.options = options.map(\.definition)
    self.examples = examples
    self.verbs = verbs
  }

  /// A group of verbs.
  public init(
    _ name: String, summary: String, description: String = "", synonyms: [String] = [], verbs: [Command],
    examples: [Example]
  ) {
    self.name = name
    self.summary = summary
    self.description = description
    self.synonyms = synonyms
    self.verbs = verbs
    self.examples = examples
    positionals = []
    options = []
  }

  /// Whether the name alone does nothing, so that a verb must follow.
  var isGroup: Bool { !verbs.isEmpty && positionals.isEmpty }
}
