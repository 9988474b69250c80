import Foundation
import Video

/// A source with its name.
struct NamedSource {
  let source: VideoSource
  /// The name for people and for the log.
  let name: String

  /// Names a source. Without `name`, a film gets the name of its file, and any other source keeps its own name.
  init(_ source: VideoSource, name: String?) {
    self.source = source
    self.name = name ?? (source.kind == .film ? (source.name as NSString).lastPathComponent : source.name)
  }
}
