import Foundation
import Video

/// A source with its name.
struct NamedSource {
  let source: VideoSource
  /// What people and the log call it.
  let name: String

  /// A film is a camera too: by the name of its file, where nothing else is said.
  init(_ source: VideoSource, name: String?) {
    self.source = source
    self.name = name ?? (source.kind == .film ? (source.name as NSString).lastPathComponent : source.name)
  }
}
