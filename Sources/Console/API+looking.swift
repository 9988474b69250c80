import Enroll
import Formats
import Foundation
import HTTP
import Live
import Mask
import Recognize
import Store
import Vision

extension Services {
  /// Who is in pictures, and what covers them.
  var looking: [Endpoint] {
    [
      Endpoint(
        method: "POST", path: "/identify", name: "identify", summary: "Who is in a picture",
        door: .holder(of: .identify),
        query: [
          .init("largest", .flag(default: false), "true: only the main face."),
          .init("minFace", .whole(16...2000), "Find faces from this width on, in pixels, 16 to 2000."),
        ], content: .picture, answers: [200: .json(.named("Faces"))]
      ) { call in
        let image = try picture(call)
        let faces = try engine.look(
          at: image, people: people.current, detection: detection(call), onlyMain: call.flag("largest"))
        for face in faces { metrics.note(face: face.status.rawValue) }
        return .json(found(image, faces.map { $0.json(.identity) }))
      },
      Endpoint(
        method: "POST", path: "/mask", name: "mask", summary: "How masks are worn in a picture",
        door: .holder(of: .identify),
        query: [.init("minFace", .whole(16...2000), "Find faces from this width on, in pixels, 16 to 2000.")],
        content: .picture, answers: [200: .json(.named("Faces"))]
      ) { call in
        let image = try picture(call)
        let faces = try engine.look(at: image, people: nil, detection: detection(call))
        return .json(found(image, faces.map { $0.json(.mask) }))
      },
      Endpoint(
        method: "POST", path: "/verify", name: "verify", summary: "Whether two pictures show the same person",
        door: .holder(of: .identify),
        content: .json(
          .object([
            .init("a", .base64(API.pictureLimit / 3 * 4, about: "A picture's bytes.")),
            .init("b", .base64(API.pictureLimit / 3 * 4, about: "Another's.")),
          ])),
        answers: [
          200: .json(
            .object([
              .init("same", .flag()), .init("confidence", .number(0...1)),
              .init("method", .choice(RecognitionMethod.allCases.map(\.rawValue))),
              .init("masks", .list(.choice(Shapes.masks), atMost: 2)),
            ]))
        ], problems: [422: "One of the pictures cannot be used, or has no face."]
      ) { call in
        let pictures = ["a", "b"].map { call.body[$0]?.string.flatMap { Data(base64Encoded: $0) } ?? Data() }
        let answer = try verifier.verify(pictures[0], pictures[1])
        return .json([
          "same": .bool(answer.isSame), "confidence": .double((answer.confidence * 10_000).rounded() / 10_000),
          "method": .string(answer.method.rawValue),
          "masks": .array([answer.masks.0, answer.masks.1].map { .string($0.word) }),
        ])
      },
    ]
  }

  private func detection(_ call: Call) -> Detector.Options {
    guard let smallest = call.number("minFace") else { return Detector.Options() }
    return Detector.Options(minimumFace: Double(smallest), maximumPixels: 16_000_000)
  }

  private func found(_ image: Image, _ faces: [JSONValue]) -> JSONValue {
    ["width": .int(image.width), "height": .int(image.height), "faces": .array(faces)]
  }
}
