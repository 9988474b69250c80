import Formats
import Foundation
import TestResources
import Testing

@Suite("Reading JSON")
struct JSONParserTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Data(text.utf8)) }

  @Test("values are read as they are written, in their order, with white space around them")
  func values() throws {
    #expect(
      try parse(" {\"b\": [1, -2.5, null, true, false, \"x\"],\r\n\t\"a\": {}, \"\": [ ] } ")
        == ["b": [1, -2.5, nil, true, false, "x"], "a": [:], "": []])
    for (text, value) in [("null", nil), (" true\n", true), ("\"\"", ""), ("7", 7)] as [(String, JSONValue)] {
      #expect(try parse(text) == value)
    }
  }

  @Test("whole numbers, fractions and flags are kept apart")
  func numbers() throws {
    #expect(
      try parse("[0, -0, 1, 1.0, 1e2, 9223372036854775807, 9223372036854775808, -1.5E-7, 0.0]")
        == [0, 0, 1, .double(1), .double(100), .int(.max), .double(9.223372036854775808e18), -1.5e-7, .double(0)])
    #expect(try parse("1") != true)
    #expect(try parse("1.0").int == 1)
    #expect(try parse("1.5").int == nil)
    #expect(try parse("3").double == 3)
  }

  @Test("accessors give what a value is, and nothing for what it is not")
  func accessors() throws {
    let value = try parse(#"{"s": "x", "b": false, "i": 3, "d": 0.5, "a": [1], "o": {"k": null}}"#)
    #expect(value["s"]?.string == "x" && value["b"]?.bool == false && value["i"]?.int == 3)
    #expect(value["d"]?.double == 0.5 && value["a"]?.array == [1])
    #expect(value["o"]?.object == [JSONValue.Member("k", .null)])
    #expect(value.string == nil && value.bool == nil && value.int == nil && value.double == nil && value.array == nil)
    #expect(value["s"]?.object == nil)
  }

  @Test("escapes of all kinds, and pairs of surrogates, become the characters they stand for")
  func escapes() throws {
    #expect(
      try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\uD83D\ude00é😀""#) == "\"\\/\u{8}\u{C}\n\r\tAé€😀é😀")
    #expect(try parse(#"{"\u0061": 1}"#)["a"] == 1)
  }

  @Test("what is written reads back the same, and as another reader has it")
  func roundTrip() throws {
    let text = String(String.UnicodeScalarView((1...0x2FF).compactMap(Unicode.Scalar.init)))
    let value: JSONValue = [
      "text": .string(text), "list": [[], [:], [[nil]]], "number": -1.5e-7, "large": .int(.min), "deep": [["a": [1]]],
    ]
    for written in [value.text(), value.text(pretty: true)] { #expect(try parse(written) == value) }
    let foreign = try JSONSerialization.data(withJSONObject: ["text": text, "list": [1, 2.5]])
    #expect(try JSONValue(parsing: foreign)["text"]?.string == text)
    #expect(try JSONValue(parsing: foreign)["list"] == [1, 2.5])
  }

  @Test(
    "what is no JSON is refused with what is wrong and where",
    arguments: [
      ("", "the text ends too early", 0), ("  ", "the text ends too early", 2), ("[1", "a comma or", 2),
      ("[1,]", "no value begins", 3), ("[1 2]", "a comma or", 3), ("{\"a\":1,}", "key is missing", 7),
      ("{\"a\" 1}", "colon", 5), ("{a:1}", "key is missing", 1), ("{\"a\":1]", "a comma or", 6),
      ("01", "there is more", 1), ("-", "a digit is missing", 1), ("1.", "a digit is missing", 2),
      ("1e+", "a digit is missing", 3), (".5", "no value begins", 0), ("+1", "no value begins", 0),
      ("1e400", "too large", 0), ("NaN", "no value begins", 0), ("nul", "no value begins", 0),
      ("tru\u{0}", "no value begins", 0), ("true false", "there is more", 5), ("\"a", "ends within a string", 2),
      ("\"a\nb\"", "control character", 2), ("\"\\x\"", "no escape", 2), ("\"\\u12g4\"", "four hexadecimal", 3),
      ("\"\\u+123\"", "four hexadecimal", 3), ("\"\\ud800\"", "surrogate", 3), ("\"\\ud800\\u0041\"", "surrogate", 3),
      ("\"\\ude00\"", "surrogate", 3), ("\"\\", "no escape", 2), ("'a'", "no value begins", 0),
      ("{\"a\":1,\"b\":2,\"\\u0061\":3}", "a key twice", 13), ("\u{FEFF}[]", "no value begins", 0),
      ("[] // why", "there is more", 3),
    ])
  func refused(text: String, reason: String, offset: Int) {
    let failure = #expect(throws: JSONValue.Failure.self) { try parse(text) }
    #expect(failure?.reason.contains(reason) == true && failure?.offset == offset, "\(String(describing: failure))")
  }

  @Test(
    "bytes that are not UTF-8 are refused, in strings and outside of them",
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22], [0xFF],
      [0x5B, 0xC3, 0xA9, 0x5D], [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], [0x5B, 0x00, 0x31, 0x00, 0x5D, 0x00],
    ] as [[UInt8]])
  func invalidBytes(bytes: [UInt8]) {
    #expect(throws: JSONValue.Failure.self) { try JSONValue(parsing: Data(bytes)) }
  }

  @Test("brackets inside each other are read to a limit, and beyond it refused, however many there are")
  func deep() throws {
    func nested(_ count: Int) -> String {
      String(repeating: "[", count: count) + String(repeating: "]", count: count)
    }
    #expect(try parse(nested(JSONValue.deepest)).array?.count == 1)
    // Side by side they are no deeper.
    #expect(try parse("[" + Array(repeating: "[]", count: 1000).joined(separator: ",") + "]").array?.count == 1000)
    for text in [nested(JSONValue.deepest + 1), String(repeating: "{\"a\":", count: 100_000), nested(100_000)] {
      let failure = #expect(throws: JSONValue.Failure.self) { try parse(text) }
      #expect(failure?.reason.contains("brackets") == true)
    }
  }

  @Test("texts that were cut short or changed at random are read or refused, and nothing else happens")
  func damaged() throws {
    let whole = Array(#"{"a":[1,2.5e3,null,true,"x\u00e9\ud83d\ude00\n"],"b":{"c":"é","d":[[],{}]}}"#.utf8)
    for length in 0..<whole.count {
      #expect(throws: JSONValue.Failure.self) { try JSONValue(parsing: Data(whole.prefix(length))) }
    }
    var random = SeededGenerator(seed: 9)
    for _ in 0..<5000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let value = try? JSONValue(parsing: Data(bytes)) else { continue }
      #expect(try JSONValue(parsing: Data(value.text().utf8)) == value)
    }
  }
}
