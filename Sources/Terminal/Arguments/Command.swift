/// A verb, or a group of verbs, as `people` is of `people list` and `people show`, or both.
public struct Command: Sendable {
  /// A command line to learn from.
  public struct Example: Sendable {
    let comment: String
    let line: String

    /// - Parameters:
    ///   - comment: what the line does.
    ///   - line: the whole command line, the program's name included.
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
  ///   - name: what is typed.
  ///   - summary: one line on what it does, beginning with a small letter and without a full stop.
  ///   - description: what else to know; an empty line parts two paragraphs.
  ///   - synonyms: words that somebody may try instead; they are not verbs, but answered with this one.
  ///   - positionals: in their order. Only the last one may be optional or many.
  ///   - verbs: verbs below this one, which are meant when their name follows it at once. A positional that is called
  ///     the same is typed
  ///     in another way, as a path is as `./NAME`, or behind `--`.
  ///   - examples: the first one is also shown to somebody who left out what must be there.
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

  /// Nothing can be done with the name alone.
  var isGroup: Bool { !verbs.isEmpty && positionals.isEmpty }
}
