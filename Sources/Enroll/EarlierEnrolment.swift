import Recognize
public import Store

extension Person {
  /// Whether the second encoder has not seen some of the person's photos, because they were enrolled without it. These
  /// photos are compared in dlib's space alone until they are enrolled again.
  public var lacksSecondEncoder: Bool {
    let seen = Set(templates.filter { $0.encoder == SecondEncoder.identifier }.map(\.digest))
    return photos.contains { !seen.contains($0.digest) }
  }
}
