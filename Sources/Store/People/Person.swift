public import Foundation

/// A person whom Rollcall may recognise.
public struct Person: Sendable, Equatable {
  /// The operator's own id: 1–128 characters, no control characters.
  public let id: String
  /// 1–200 characters, no control characters.
  public let name: String
  /// Groups such as a class or a department, in the order they were given.
  public let groups: [String]
  /// The consent that the templates rest on.
  public let consent: Consent
  /// When the person was first enrolled.
  public let created: Date
  /// When anything about the person changed last.
  public let updated: Date
  /// One per enrolled photo and encoder.
  public let templates: [Template]

  /// The photos that the templates were made from: one template of each.
  public var photos: [Template] {
    var seen: Set<String> = []
    return templates.filter { seen.insert($0.digest).inserted }
  }
}

/// A person's consent to being recognised. Without it, no template is stored.
public struct Consent: Sendable, Equatable {
  /// What was agreed to, or the version of the policy. 1–4000 characters.
  public let text: String
  /// When it was given.
  public let date: Date
  /// When Rollcall was told.
  public let recorded: Date

  /// A consent given at `date`, recorded now unless said otherwise.
  public init(text: String, date: Date, recorded: Date = Date()) {
    self.text = text
    self.date = date
    self.recorded = recorded
  }
}

/// What is kept of one enrolled photo.
public struct Template: Sendable, Equatable {
  /// Numbers in an embedding.
  public static let dimensions = 128

  /// SHA-256 of the photo file, 64 lowercase hexadecimal digits.
  public let digest: String
  /// 128 finite numbers. Empty when people are read without embeddings.
  public let embedding: [Float]
  /// Which model made the embedding. Embeddings of different encoders are not comparable unless a model says so.
  public let encoder: String
  /// The quality gate's score of the photo, as `Enroll` defines it.
  public let quality: Double
  /// Name of the photo file, without folders.
  public let source: String
  /// When the template was made.
  public let created: Date

  /// A template, made now unless said otherwise.
  public init(
    digest: String, embedding: [Float], encoder: String, quality: Double, source: String, created: Date = Date()
  ) {
    self.digest = digest
    self.embedding = embedding
    self.encoder = encoder
    self.quality = quality
    self.source = source
    self.created = created
  }
}

/// One template as a gallery needs it.
public struct GalleryEntry: Sendable, Equatable {
  /// The person's id.
  public let personID: String
  /// The person's name.
  public let name: String
  /// SHA-256 of the photo file, 64 lowercase hexadecimal digits.
  public let digest: String
  /// Which model made the embedding.
  public let encoder: String
  /// 128 numbers.
  public let embedding: [Float]
}
