/// The part of the face that a person is recognised by.
public enum RecognitionMethod: String, Sendable, CaseIterable {
  /// The whole face.
  case face
  /// The region around the eyes, which a mask leaves free.
  case periocular
}
