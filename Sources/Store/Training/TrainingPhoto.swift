public import Foundation
public import Values

/// A labelled photo of the training collection. Its bytes lie beside it, in GridFS.
public struct TrainingPhoto: Sendable, Equatable {
  /// What a photo is for.
  public enum Split: String, Sendable, CaseIterable {
    /// Learned from.
    case train
    /// Watched while learning.
    case val
    /// Only measured on.
    case test
  }

  /// The kinds of file, by the ending that a file of the kind has.
  public enum Kind: String, Sendable, CaseIterable {
    case jpg
    case png
    case webp
    case bmp
    case tif
  }

  /// What somebody who looked at a photo said of its label.
  public struct Correction: Sendable, Equatable {
    /// The right label; the one that the photo had already where it was confirmed.
    public let label: MaskLabel
    /// Who said so. 1–200 characters.
    public let by: String
    /// Why. 1–1000 characters.
    public let reason: String
    /// When.
    public let date: Date

    /// A correction, made now unless said otherwise.
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
  /// The kind of file, by its content.
  public let kind: Kind
  /// The file's size.
  public let bytes: Int
  /// The perceptual hash of the picture.
  public let hash: UInt64
  /// The perceptual hash of the picture mirrored left to right.
  public let mirroredHash: UInt64
  /// Near-duplicates have the same cluster. 1–128 characters that say nothing.
  public let cluster: String
  /// The label that the photo was imported with. It never changes.
  public let label: MaskLabel
  /// Where the photo comes from. 1–200 characters.
  public let source: String
  /// What the photo is for; the same for a whole cluster.
  public let split: Split
  /// The consent that the photo rests on.
  public let consent: Consent
  /// Who is to be seen, if known. 1–200 characters.
  public let name: String?
  /// What was said of the label since, oldest first.
  public let corrections: [Correction]
  /// When the photo was imported.
  public let imported: Date

  /// The label that counts: what was said last.
  public var current: MaskLabel { corrections.last?.label ?? label }

  /// A photo that was imported now unless said otherwise.
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

  /// Checks everything that the database would refuse.
  ///
  /// - Throws: `StoreError` with code `invalidValue`.
  public func check() throws { try Rules.check(self) }
}
