public import Foundation
public import Values

/// A labelled photo of the training collection. Its bytes are stored separately, in GridFS.
public struct TrainingPhoto: Sendable, Equatable {
  /// What a photo is used for.
  public enum Split: String, Sendable, CaseIterable {
    /// Training.
    case train
    /// Validation during training.
    case val
    /// Measuring only.
    case test
  }

  /// The file formats, named by their file name extension.
  public enum Kind: String, Sendable, CaseIterable {
    case jpg
    case png
    case webp
    case bmp
    case tif
  }

  /// A person's correction or confirmation of a photo's label.
  public struct Correction: Sendable, Equatable {
    /// The right label. If the photo was confirmed, it is the label that the photo had already.
    public let label: MaskLabel
    /// Who made the correction. 1–200 characters.
    public let by: String
    /// Why. 1–1000 characters.
    public let reason: String
    /// When the correction was made.
    public let date: Date

    /// A correction, by default made now.
    public init(label: MaskLabel, by: String, reason: String, date: Date = Date()) {
      self.label = label
      self.by = by
      self.reason = reason
      self.date = date
    }
  }

  /// SHA-256 of the file, 64 lowercase hexadecimal digits.
  public let id: String
  /// The file's name when it was imported, without folders.
  public let file: String
  /// The file format, detected from the content.
  public let kind: Kind
  /// The file's size in bytes.
  public let bytes: Int
  /// The perceptual hash of the picture.
  public let hash: UInt64
  /// The perceptual hash of the picture mirrored left to right.
  public let mirroredHash: UInt64
  /// The cluster. Near-duplicates have the same cluster. 1–128 characters without a meaning.
  public let cluster: String
  /// The label that the photo was imported with. It never changes.
  public let label: MaskLabel
  /// The source of the photo. 1–200 characters.
  public let source: String
  /// What the photo is used for. All photos of a cluster have the same split.
  public let split: Split
  /// The consent on which the use of the photo is based.
  public let consent: Consent
  /// The name of the person in the photo, if known. 1–200 characters.
  public let name: String?
  /// The corrections of the label, oldest first.
  public let corrections: [Correction]
  /// When the photo was imported.
  public let imported: Date

  /// The current label: the last correction, or the label that the photo was imported with.
  public var current: MaskLabel { corrections.last?.label ?? label }

  /// A photo, by default imported now.
  public init(
    id: String, file: String, kind: Kind, bytes: Int, hash: UInt64, mirroredHash: UInt64, cluster: String,
    label: MaskLabel,
    source: String,
    split: Split, consent: Consent, name: String? = nil, corrections: [Correction] = [], imported: Date = Date()
  ) {
    self.id = id
    self.file = file
    self.kind = kind
    self.bytes = bytes
    self.hash = hash
    self.mirroredHash = mirroredHash
    self.cluster = cluster
    self.label = label
    self.source = source
    self.split = split
    self.consent = consent
    self.name = name
    self.corrections = corrections
    self.imported = imported
  }

  /// Checks the photo against the rules of the database.
  ///
  /// - Throws: `StoreError` with code `invalidValue`.
  public func check() throws { try Rules.check(self) }
}
