import Formats
public import Foundation

/// A static resource in memory, such as a page, a script or an image.
public struct Resource: Sendable {
  /// The bytes.
  public let data: Data
  /// The media type, such as "text/html; charset=utf-8".
  public let type: String
  /// The `ETag`, a strong validator: the SHA-256 of the bytes, in quotes.
  public let tag: String

  /// - Parameters:
  ///   - type: The media type, such as "text/html; charset=utf-8".
  public init(_ data: Data, type: String) {
    (self.data, self.type) = (data, type)
    tag = "\"\(Digest.sha256(data))\""
  }

  /// Responds with the resource, or with 304 if the client has it already.
  ///
  /// - Parameter age: How long the client may use the resource without asking again, in seconds. With 0 it asks every
  ///   time.
  public func response(to request: Request, age: Int = 0) -> Response {
    var headers: Headers = [
      "ETag": tag, "Cache-Control": age > 0 ? "max-age=\(age)" : "no-cache", "Content-Type": type,
    ]
    let known = request.headers.all("If-None-Match").flatMap { $0.split(separator: ",") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
    guard known.contains(where: { $0 == "*" || $0 == tag || $0 == "W/" + tag }) else {
      return Response(headers: headers, body: .data(data))
    }
    headers["Content-Type"] = nil
    return Response(status: 304, headers: headers)
  }
}

/// Static resources by path, in memory.
///
/// ```swift
/// let pages = try Resources(folder: URL(filePath: "web"))
/// var router = Router()
/// router.on("GET", "/{path...}") { try pages.response(to: $0, path: $0.parameters["path"] ?? "") }
/// ```
///
/// A request's path only looks up a resource and never opens a file, so it cannot reach other files.
public struct Resources: Sendable {
  private let resources: [String: Resource]

  /// - Parameter resources: The resources by path, without a leading slash, such as "css/page.css".
  public init(_ resources: [String: Resource]) {
    self.resources = resources
  }

  /// Reads all files of a folder and its subfolders. Skips names that begin with a dot, and everything that is not a
  /// regular file.
  ///
  /// - Parameter others: Further resources by path.
  /// - Throws: An error if a file cannot be read.
  public init(folder: URL, adding others: [String: Resource] = [:]) throws {
    var found = others
    func read(_ folder: URL, _ prefix: String) throws {
      let keys: Set<URLResourceKey> = [.isRegularFileKey, .isDirectoryKey]
      for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: Array(keys)) {
        let name = file.lastPathComponent
        guard !name.hasPrefix(".") else { continue }
        let values = try file.resourceValues(forKeys: keys)
        if values.isDirectory == true {
          try read(file, prefix + name + "/")
        } else if values.isRegularFile == true {
          found[prefix + name] = Resource(try Data(contentsOf: file), type: Self.type(of: name))
        }
      }
    }
    try read(folder, "")
    resources = found
  }

  /// The paths of all resources, sorted.
  public var paths: [String] { resources.keys.sorted() }

  /// The resource at a path; nil if there is none.
  public subscript(path: String) -> Resource? { resources[path] }

  /// Responds with the resource at `path`.
  ///
  /// - Parameter age: How long the client may use the resource without asking again, in seconds.
  /// - Throws: `Problem` 404 if there is no resource at `path`.
  public func response(to request: Request, path: String, age: Int = 0) throws -> Response {
    guard let resource = resources[path] else { throw Problem(404, "There is nothing here.") }
    return resource.response(to: request, age: age)
  }

  /// The media type for a file name, by its extension.
  public static func type(of name: String) -> String {
    switch name.split(separator: ".").last?.lowercased() {
    case "html": "text/html; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "js", "mjs": "text/javascript; charset=utf-8"
    case "json", "map": "application/json"
    case "webmanifest": "application/manifest+json"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "jpg", "jpeg": "image/jpeg"
    case "webp": "image/webp"
    case "ico": "image/vnd.microsoft.icon"
    case "woff2": "font/woff2"
    case "txt": "text/plain; charset=utf-8"
    case "csv": "text/csv; charset=utf-8"
    case "pdf": "application/pdf"
    case "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    default: "application/octet-stream"
    }
  }
}
