import Foundation
import Terminal
import Vision

/// A folder for annotated copies of pictures.
final class CopyFolder {
  let path: String
  private let resolved: String
  private var used: Set<String> = []

  /// The folder that an option names; nil without the option.
  ///
  /// - Throws: `Complaint` if one of the pictures lies in this folder, because a copy could replace it.
  init?(_ invocation: Invocation, _ option: Option<String?>, pictures: [String]) throws {
    guard let path = invocation[option] else { return nil }
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    resolved = folder
    let here = pictures.first {
      URL(fileURLWithPath: $0).deletingLastPathComponent().resolvingSymlinksInPath().path == folder
    }
    if let here {
      throw Complaint("\(here) lies in the folder for the copies; write --\(option.name) with another folder")
    }
  }

  func isSame(as other: CopyFolder?) -> Bool { resolved == other?.resolved }

  /// Writes a copy under the picture's own name. If the name is taken by a picture from another folder, a number is
  /// added.
  func write(_ image: Image, for file: String) throws {
    let base = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
    var name = base + ".jpg"
    var number = 2
    while !used.insert(name).inserted {
      name = "\(base)-\(number).jpg"
      number += 1
    }
    try image.encoded(as: .jpeg).write(to: URL(fileURLWithPath: path).appendingPathComponent(name))
  }
}
