import Formats
import Foundation
import TestResources
import Testing

@Suite("JSON")
struct JSONValueTests {
  @Test("an object keeps its order and is written on one line")
  func compact() {
    let value: JSONValue = [
      "zebra": 1, "apple": [1, 2.5, nil, true, "x"], "empty": [:], "none": [], "nested": ["b": false, "a": "é"],
    ]
    #expect(
      value.text()
        == #"{"zebra":1,"apple":[1,2.5,null,true,"x"],"empty":{},"none":[],"nested":{"b":false,"a":"é"}}"#)
  }

  @Test("pretty text is indented, and arrays of plain values stay on a line")
  func pretty() {
    let value: JSONValue = ["box": [1, 2, 3, 4], "faces": [["id": "a"], ["id": "b"]], "none": [], "empty": [:]]
    #expect(
      value.text(pretty: true) == """
        {
          "box": [1, 2, 3, 4],
          "faces": [
            {
              "id": "a"
            },
            {
              "id": "b"
            }
          ],
          "none": [],
          "empty": {}
        }
        """)
  }

  @Test("numbers are as short as they can be and read back the same")
  func numbers() throws {
    #expect(
      ([0.1, 1.0, 1e21, .double(.leastNonzeroMagnitude), -0.0, .double(1.0 / 3)] as JSONValue).text()
        == "[0.1,1.0,1e+21,5e-324,-0.0,0.3333333333333333]")
    var random = SeededGenerator(seed: 3)
    for _ in 0..<2000 {
      let number = Double(bitPattern: random.next())
      guard number.isFinite else { continue }
      #expect(Double(JSONValue.double(number).text()) == number)
    }
    #expect(JSONValue.int(.min).text() == "-9223372036854775808")
  }

  @Test("NaN and infinities are null")
  func notNumbers() {
    #expect(([.double(.nan), .double(.infinity), .double(-.infinity)] as JSONValue).text() == "[null,null,null]")
    #expect(JSONValue.double(.nan).text(decimals: 2) == "null")
  }

  @Test("numbers are rounded on request, whole numbers are not touched")
  func rounding() {
    let value: JSONValue = [0.123456, .double(2.0 / 3), -0.0001, 1e300, 12345]
    #expect(value.text(decimals: 3) == "[0.123,0.667,0.0,1e+300,12345]")
    #expect(JSONValue.double(2.5).text(decimals: 0) == "3.0")
  }

  @Test("control characters, quotation marks and line separators are escaped")
  func escapes() {
    let value: JSONValue = ["a\"b\\c": "\n\r\t\u{0}\u{1B}[2J\u{7F}\u{9B}\u{2028}/é👩🏽‍🔬"]
    #expect(
      value.text() == #"{"a\"b\\c":"\n\r\t\u0000\u001b[2J\u007f\u009b\u2028/é👩🏽‍🔬"}"#)
  }

  @Test("another reader understands what is written")
  func otherReader() throws {
    let text = String(String.UnicodeScalarView((1...0x2FF).compactMap(Unicode.Scalar.init)))
    let value: JSONValue = ["text": .string(text), "list": [[], [:], [[nil]]], "number": -1.5e-7]
    for written in [value.text(), value.text(pretty: true)] {
      let read = try #require(try JSONSerialization.jsonObject(with: Data(written.utf8)) as? [String: Any])
      #expect(read["text"] as? String == text)
      #expect(read["number"] as? Double == -1.5e-7)
      #expect((read["list"] as? [Any])?.count == 3)
    }
  }

  @Test("values are found by key")
  func lookup() {
    let value: JSONValue = ["tar": ["0.01": 0.5], "name": "\("inter")polated"]
    #expect(value["tar"]?["0.01"] == 0.5)
    #expect(value["name"] == "interpolated")
    #expect(value["nothing"] == nil)
    #expect(JSONValue.int(1)["a"] == nil)
    #expect(JSONValue.optional(nil as Double?) == .null)
    #expect(JSONValue.optional("x") == "x")
  }
}
