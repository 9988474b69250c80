import Dataset
import Foundation
import Mask
import Recognize
import Store
import TestResources
import Testing
import Values
import Vision

@Suite("Reviewing a training collection", .serialized)
struct ReviewTests {
  private let collection: Collection

  init() throws {
    collection = try Collection()
  }

  @Test("photos of which the classifier says something else are found, written out, and not asked about twice")
  func review() throws {
    for (number, picture) in [Pictures.obama, Pictures.biden, Pictures.collins].enumerated() {
      let name = "\(number + 1).\(picture.pathExtension)"
      try collection.folder.write(Data(contentsOf: picture), to: "in/" + name)
    }
    try collection.write(Collection.picture(1), to: "in/4.png")
    let names = try FileManager.default.contentsOfDirectory(atPath: collection.path("in")).sorted()
    let labels = MaskLabel.classes
    try collection.write(
      list: "file,class\n" + zip(names, labels).map { "\($0),\($1.rawValue)" }.joined(separator: "\n"), to: "in")
    #expect(try collection.load("in").added == 4)

    let models = try Models.find()
    let recognizer = try Recognizer(models: models)
    let classifier = try MaskClassifier(models: models)
    let review = DatasetReview(collection.store, recognizer: recognizer, classifier: classifier)
    var steps = 0
    let report = try review.run { total in
      #expect(total == 4)
      steps += 1
    }
    #expect(steps == 4)
    #expect(report.photos == 3)
    // Three faces have three different labels, of which two at least are not what the classifier says of them alone.
    #expect(report.problems.map(\.code) == ["no-face"])
    #expect(report.disagreements.count == report.disagreeing)
    #expect(report.disagreements.map(\.degree) == report.disagreements.map(\.degree).sorted(by: >))
    for found in report.disagreements {
      let image = try Photo(decoding: try #require(try collection.store.trainingPhotoData(id: found.photo.id))).image
      let face = try #require(Recognizer.main(of: try recognizer.faces(in: image), in: image))
      let alone = try #require(try classifier.classify([face.landmarks], in: image).first)
      #expect(alone.likeliest == found.status.likeliest)
      #expect(alone.likeliest.rawValue != found.photo.current.rawValue)
    }

    let folder = collection.path("look")
    try ReviewFolder(folder).write(report.disagreements, from: collection.store)
    #expect(throws: DatasetError.self) { try ReviewFolder(folder) }
    let list = try String(contentsOfFile: folder + "/review.csv", encoding: .utf8).components(separatedBy: "\r\n")
    #expect(list.count == report.disagreeing + 2)
    #expect(list[0] == "id,label,likeliest,mask,incorrect,covering,none,source,split,picture,correct,reason")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.count == report.disagreeing + (report.disagreeing > 0 ? 2 : 1))

    if let first = report.disagreements.first {
      #expect(try review.run(limit: 1).disagreements.map(\.photo.id) == [first.photo.id])
      let confirmed = TrainingPhoto.Correction(label: first.photo.current, by: "Ann", reason: "it is right")
      try collection.store.correctTrainingPhoto(id: first.photo.id, confirmed)
      #expect(try review.run().disagreeing == report.disagreeing - 1)
      #expect(try review.run(again: true).disagreeing == report.disagreeing)
    }
  }
}
