import Access
import Enroll
import Faces
import Formats
import Foundation
import HTTP
import Recognize
import Values
import Vision
import Wire

extension Services {
  /// The endpoints that identify faces in pictures and label their masks.
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
        let found = try engine.finder.faces(in: image, detection: detection(call), onlyMain: call.flag("largest"))
        let faces = try engine.identify(found, among: roster.roster.current)
        for face in faces { metrics.count(face: face.status.rawValue) }
        return .json(json(image, faces, .identity))
      },
      Endpoint(
        method: "POST", path: "/mask", name: "mask", summary: "How masks are worn in a picture",
        door: .holder(of: .identify),
        query: [.init("minFace", .whole(16...2000), "Find faces from this width on, in pixels, 16 to 2000.")],
        content: .picture, answers: [200: .json(.named("Faces"))]
      ) { call in
        let image = try picture(call)
        let faces = try engine.finder.faces(in: image, detection: detection(call)).map { try $0.unidentified() }
        return .json(json(image, faces, .mask))
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
              .init("masks", .list(.choice(WireFormat.maskLabels), atMost: 2)),
            ]))
        ], problems: [422: "One of the pictures cannot be used, or has no face."]
      ) { call in
        let pictures = try call.body(as: PicturePair.self)
        let answer = try verifier.verify(pictures.a, pictures.b)
        return .json([
          "same": .bool(answer.isSame), "confidence": .double(WireFormat.share(answer.confidence)),
          "method": .string(answer.method.rawValue),
          "masks": .array([answer.masks.0, answer.masks.1].map { .string($0.label.rawValue) }),
        ])
      },
    ]
  }

  private func detection(_ call: Call) -> Detector.Options {
    guard let smallest = call.number("minFace") else { return Detector.Options() }
    return Detector.Options(minimumFace: Double(smallest), maximumPixels: 16_000_000)
  }

  private func json(_ image: Image, _ faces: [IdentifiedFace], _ question: FaceReport.Question) -> JSONValue {
    [
      "width": .int(image.width), "height": .int(image.height),
      "faces": .array(faces.map { WireFormat.json($0, question) }),
    ]
  }
}
