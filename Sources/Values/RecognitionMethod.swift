/// What a person is recognised by.
public enum RecognitionMethod: String, Sendable, CaseIterable {
  /// The whole face.
  case face
  /// What a mask leaves free.
  case periocular
}
