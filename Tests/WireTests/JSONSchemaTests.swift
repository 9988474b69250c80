import Formats
import Foundation
import Testing

@testable import Wire

@Suite("What clients send is held against the description")
struct JSONSchemaTests {
  private static let schema = JSONSchema.object([
    .init("name", .text(1...5)), .init("id", .text(1...9, pattern: "[a-z]+"), needed: false),
    .init("when", .nullable(.time()), needed: false), .init("day", .day(), needed: false),
    .init("tags", .list(.choice(["a", "b"]), atMost: 2), needed: false),
    .init("count", .whole(1...3), needed: false), .init("share", .number(0...1), needed: false),
    .init("photo", .base64(8), needed: false), .init("on", .flag(), needed: false),
  ])

  @Test(
    "A value that fits has no flaws",
    arguments: [
      #"{"name": "Ada"}"#, #"{"name": "Ada", "when": null, "tags": []}"#,
      #"{"name": "Ada", "when": "2026-11-25T08:01:02.5+01:00", "day": "2026-02-28", "tags": ["a", "b"]}"#,
      #"{"name": "👩‍🚀a", "count": 3.0, "share": 1, "photo": "QUJD", "on": false, "id": "ada"}"#,
    ])
  func fits(text: String) throws {
    #expect(try Self.schema.flaws(of: JSONValue(parsing: Data(text.utf8))) == [])
  }

  @Test(
    "A value that does not fit is refused at its place",
    arguments: [
      (#"[]"#, ""), (#"{}"#, "/name"), (#"{"name": ""}"#, "/name"), (#"{"name": "too long"}"#, "/name"),
      (#"{"name": null}"#, "/name"), (#"{"name": "a\u0000"}"#, "/name"), (#"{"name": "a", "x/y~": 1}"#, "/x~1y~0"),
      (#"{"name": "a", "id": "A"}"#, "/id"), (#"{"name": "a", "id": "a\n"}"#, "/id"),
      (#"{"name": "a", "when": "2026-11-25"}"#, "/when"), (#"{"name": "a", "when": "2026-11-25T08:00:00"}"#, "/when"),
      (#"{"name": "a", "day": "2026-02-30"}"#, "/day"), (#"{"name": "a", "tags": ["a", "c"]}"#, "/tags/1"),
      (#"{"name": "a", "tags": ["a", "b", "a"]}"#, "/tags"), (#"{"name": "a", "count": 0}"#, "/count"),
      (#"{"name": "a", "count": 1.5}"#, "/count"), (#"{"name": "a", "count": true}"#, "/count"),
      (#"{"name": "a", "share": 2}"#, "/share"), (#"{"name": "a", "photo": "*"}"#, "/photo"),
      (#"{"name": "a", "photo": "QUJDREVGR0g="}"#, "/photo"), (#"{"name": "a", "on": 1}"#, "/on"),
    ])
  func flaws(text: String, pointer: String) throws {
    let flaws = try Self.schema.flaws(of: JSONValue(parsing: Data(text.utf8)))
    #expect(flaws.map(\.pointer) == [pointer])
    #expect(flaws.allSatisfy { $0.detail.hasSuffix(".") || $0.detail.contains(":") })
  }
}
