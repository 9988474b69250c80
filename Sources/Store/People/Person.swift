public import Foundation

/// A person whom Rollcall may recognise.
public struct Person: Sendable, Equatable {
  /// The id that the operator has chosen: 1–128 characters, no control characters.
  public let id: String
  /// The name: 1–200 characters, no control characters.
  public let name: String
  /// Groups such as a class or a department, in the order they were given.
  public let groups: [String]
  /// The consent on which the templates are based.
  public let consent: Consent
  /// When the person was first enrolled.
  public let created: Date
  /// When the person was last changed.
  public let updated: Date
  /// The templates: one per encoder of each enrolled photo and of each learnt look.
  public let templates: [Template]

  /// One template of each enrolled photo.
  public var photos: [Template] { looks(learnt: false) }

  /// One template of each look behind a mask that a camera has learnt, the oldest first.
  public var learnt: [Template] { looks(learnt: true) }

  private func looks(learnt: Bool) -> [Template] {
    var seen: Set<String> = []
    return templates.filter { $0.isLearnt == learnt && seen.insert($0.digest).inserted }
  }
}

/// A person's consent to being recognised. Without it, no template is stored.
public struct Consent: Sendable, Equatable {
  /// What was agreed to, or the version of the policy. 1–4000 characters.
  public let text: String
  /// When it was given.
  public let date: Date
  /// When Rollcall recorded it.
  public let recorded: Date

  /// A consent given at `date`, by default recorded now.
  public init(text: String, date: Date, recorded: Date = Date()) {
    self.text = text
    self.date = date
    self.recorded = recorded
  }
}

/// What is kept of one enrolled photo, or of a look that a camera has learnt.
public struct Template: Sendable, Equatable {
  /// The numbers of values that an embedding may have: those of dlib's space and of the second encoder's.
  public static let dimensions = [128, 512]

  /// SHA-256 of the photo file, 64 lowercase hexadecimal digits. Of a learnt look, that of its embeddings.
  public let digest: String
  /// Finite numbers, as many as the encoder's space has dimensions. Empty when people are read without embeddings.
  public let embedding: [Float]
  /// The model that made the embedding. Embeddings of different encoders are comparable only if a model says so.
  public let encoder: String
  /// The quality gate's score of the photo, as `Enroll` defines it.
  public let quality: Double
  /// Name of the photo file, without folders. Of a learnt look, the camera's name.
  public let source: String
  /// When the template was made.
  public let created: Date
  /// Whether a camera has learnt it behind a mask, instead of an operator enrolling a photo.
  public let isLearnt: Bool

  /// A template, by default made now.
  public init(
    digest: String, embedding: [Float], encoder: String, quality: Double, source: String, created: Date = Date(),
    isLearnt: Bool = false
  ) {
    self.digest = digest
    self.embedding = embedding
    self.encoder = encoder
    self.quality = quality
    self.source = source
    self.created = created
    self.isLearnt = isLearnt
  }
}

/// One template as a gallery needs it.
public struct GalleryEntry: Sendable, Equatable {
  /// The person's id.
  public let personID: String
  /// The person's name.
  public let name: String
  /// SHA-256 of the photo file or of the learnt look, 64 lowercase hexadecimal digits.
  public let digest: String
  /// Whether a camera has learnt it.
  public let isLearnt: Bool
  /// The model that made the embedding.
  public let encoder: String
  /// As many numbers as the encoder's space has dimensions.
  public let embedding: [Float]
}
