import Formats
import Foundation
import Store
import Testing
import Values
import Wire

@Suite("The JSON of faces")
struct FaceFormatTests {
  @Test("a face has the keys that programs know, and its picture's before them")
  func json() {
    let mask = MaskStatus(probabilities: [.mask: 0.123456, .none: 0.876544], unsureBelow: 0.6)
    let answer = Identification(personID: "7", confidence: 0.98765, method: .face)
    let face = IdentifiedFace(
      box: Rect(x: 1.4, y: -2.6, width: 30.5, height: 40), score: 0.55555, mask: mask, status: .known,
      identification: answer, names: ["7": "Ada", "8": "Bea"])
    let keys =
      #""box":[1,-3,31,40],"score":0.5556,"mask":{"label":"none","probabilities":"#
      + #"{"mask":0.1235,"incorrect":0.0,"covering":0.0,"none":0.8765}},"#
    let identity = #""identity":{"id":"7","name":"Ada","confidence":0.9877,"method":"face"},"status":"known""#
    #expect(WireFormat.json(face, .identity).text() == "{\(keys)\(identity)}")
    #expect(WireFormat.json(face, .mask, track: 3).text() == "{\(keys)\"status\":\"known\",\"track\":3}")
    let (time, wire) = (Date(timeIntervalSince1970: 0), WireFormat(timeZone: .gmt))
    #expect(
      wire.json(FaceReport(source: .file("a.jpg"), time: time, face: face), .identity).text()
        == #"{"file":"a.jpg","time":"1970-01-01T00:00:00.000+00:00","# + keys + identity + "}")
    #expect(
      wire.json(FaceReport(source: .camera("door"), time: time, face: nil), .identity).text()
        == #"{"camera":"door","time":"1970-01-01T00:00:00.000+00:00","status":"noface"}"#)
    let twin = Identification(personID: "7", confidence: 0.5, method: .face, rivalID: "8")
    let either = IdentifiedFace(
      box: face.box, score: 1, mask: mask, status: .known, identification: twin, names: ["7": "Ada", "8": "Bea"])
    #expect(WireFormat.json(either, .identity)["identity"]?["rival"]?.text() == #"{"id":"8","name":"Bea"}"#)
    let stranger = IdentifiedFace(box: face.box, score: 1, mask: mask, status: .unknown)
    #expect(WireFormat.json(stranger, .identity)["identity"] == .null)
    #expect(WireFormat.json(stranger, .mask)["identity"] == nil)
  }
}
