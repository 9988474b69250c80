import Testing

@testable import Store

struct BSONTests {
  private static let everything: BSONDocument = [
    "double": .double(-0.125), "string": "Zoë \u{1F600} a\u{0}b", "document": ["nested": ["empty": [:]]],
    "array": [1, "two", [true, .null]], "binary": .binary([0, 255, 7], subtype: 0),
    "empty binary": .binary([], subtype: 5),
    "yes": true, "no": false, "date": .milliseconds(-1), "null": .null, "int32": .int32(.min), "int64": .int64(.max),
    "id": .other(type: BSONType.objectID, bytes: Array(1...12)),
    "timestamp": .other(type: BSONType.timestamp, bytes: Array(1...8)),
    "decimal": .other(type: BSONType.decimal, bytes: Array(1...16)),
    "smallest": .other(type: BSONType.minimumKey, bytes: []), "": "an empty key",
  ]

  @Test("a document has the bytes of the BSON specification's examples")
  func specification() throws {
    let hello: BSONDocument = ["hello": "world"]
    #expect(
      hello.encoded() == [0x16, 0, 0, 0, 0x02] + Array("hello\0".utf8) + [6, 0, 0, 0] + Array("world\0".utf8) + [0])
    let awesome: BSONDocument = ["BSON": ["awesome", .double(5.05), 1986]]
    let array: [UInt8] =
      [0x26, 0, 0, 0, 0x02, 0x30, 0, 8, 0, 0, 0] + Array("awesome\0".utf8)
      + [0x01, 0x31, 0, 0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x14, 0x40, 0x10, 0x32, 0, 0xC2, 0x07, 0, 0, 0]
    #expect(awesome.encoded() == [0x31, 0, 0, 0, 0x04] + Array("BSON\0".utf8) + array + [0])
  }

  @Test("every type reads back as it was written")
  func roundTrip() throws {
    #expect(try BSONDocument(decoding: Self.everything.encoded()) == Self.everything)
  }

  @Test("a document cut off anywhere is refused")
  func truncated() {
    let bytes = Self.everything.encoded()
    for length in 0..<bytes.count {
      #expect(throws: BSONMalformed.self) { try BSONDocument(decoding: Array(bytes[..<length])) }
    }
  }

  @Test(
    "a malformed document is refused with what is wrong",
    arguments: [
      ([4, 0, 0, 0], "a document of impossible length at byte 4"),
      ([255, 255, 255, 255, 0], "a document of impossible length at byte 4"),
      ([255, 255, 255, 127, 0], "a document of impossible length at byte 4"),
      ([5, 0, 0, 0, 0, 0], "bytes after the end of the document at byte 5"),
      ([6, 0, 0, 0, 0, 0], "a document that ends before its length at byte 5"),
      ([7, 0, 0, 0, 0x0A, 0x61, 0x62], "a key without its end at byte 5"),
      ([8, 0, 0, 0, 0x0A, 0xFF, 0, 0], "text that is not UTF-8 at byte 5"),
      ([8, 0, 0, 0, 0x0D, 0x61, 0, 0], "a value of the unexpected type 13 at byte 7"),
      ([9, 0, 0, 0, 0x08, 0x61, 0, 2, 0], "a truth value that is neither 0 nor 1 at byte 8"),
      ([12, 0, 0, 0, 0x02, 0x61, 0, 0, 0, 0, 0, 0], "a string of impossible length at byte 11"),
      ([13, 0, 0, 0, 0x02, 0x61, 0, 1, 0, 0, 0, 0x62, 0], "a string without its end at byte 12"),
      ([13, 0, 0, 0, 0x02, 0x61, 0, 9, 0, 0, 0, 0, 0], "a value longer than its document at byte 11"),
      ([13, 0, 0, 0, 0x05, 0x61, 0, 255, 255, 255, 255, 0, 0], "a value longer than its document at byte 12"),
      ([13, 0, 0, 0, 0x03, 0x61, 0, 7, 0, 0, 0, 0, 0], "a document of impossible length at byte 11"),
    ] as [([UInt8], String)])
  func malformed(bytes: [UInt8], reason: String) {
    #expect(throws: BSONMalformed(description: reason)) { try BSONDocument(decoding: bytes) }
  }

  @Test("a document nested without end is refused")
  func deep() {
    var document: BSONDocument = [:]
    for _ in 0..<150 { document = ["a": .document(document)] }
    #expect(throws: Never.self) { try BSONDocument(decoding: document.encoded()) }
    for _ in 0..<150 { document = ["a": .document(document)] }
    #expect(throws: BSONMalformed.self) { try BSONDocument(decoding: document.encoded()) }
  }

  @Test("a document with any byte changed is refused or read, and never reads past its end")
  func damaged() {
    let bytes = Self.everything.encoded()
    for index in bytes.indices {
      for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF, bytes[index] &+ 1] {
        var changed = bytes
        changed[index] = value
        if let document = try? BSONDocument(decoding: changed) {
          #expect(document.encoded().count <= bytes.count)
        }
      }
    }
  }

  @Test("a text is found among the values at any depth, and only as a whole value")
  func pattern() {
    func holds(_ text: String, _ document: BSONDocument) -> Bool {
      document.encoded().withUnsafeBytes { StringPattern(text).occurs(in: $0) }
    }
    #expect(holds("7", ["a": "7"]))
    #expect(holds("ada", ["x": ["y": [1, ["z": "ada"]]]]))
    #expect(holds("aab", ["a": "aaaab", "b": "aab"]))
    #expect(!holds("ada", ["a": "adam", "b": "xada", "ada": 1, "c": .binary(Array("ada".utf8), subtype: 0)]))
    #expect(!holds("1", ["box": [5, 6, 7]]))
    #expect(!holds("a long text that is longer than the document", ["a": 1]))
  }
}
