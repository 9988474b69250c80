import Dataset
import Foundation
import Store
import TestResources
import Testing
import Values
import Vision

@Suite("Importing a training collection", .serialized)
struct ImportTests {
  private let collection: Collection

  init() throws {
    collection = try Collection()
  }

  @Test("a folder with a list: labels, sources, splits, consent and names, whatever is said of them")
  func list() throws {
    for number in 1...4 { try collection.write(Collection.picture(UInt64(number)), to: "in/photos/\(number).jpg") }
    try collection.write(
      list: """
        file,class,source,split,consent,name
        photos/1.jpg,no_mask,web,val,form 7,Ada Lovelace
        photos/2.jpg,Mask,web,test,,
        photos/3.jpg,covering,'@door,train,form 8,
        photos/4.jpg,incorrect,,,,
        """, to: "in")
    let report = try collection.load("in", share: 0)
    #expect(report.problems.isEmpty)
    #expect(report.added == 4)
    let photos = try collection.photos()
    #expect(photos.map(\.label) == [MaskLabel.none, .mask, .covering, .incorrect])
    #expect(photos.map(\.source) == ["web", "web", "@door", "in"])
    #expect(photos.map(\.split) == [.val, .test, .train, .train])
    #expect(photos.map(\.consent.text) == ["form 7", "agreed", "form 8", "agreed"])
    #expect(photos.map(\.name) == ["Ada Lovelace", nil, nil, nil])
    let file = try Data(contentsOf: URL(fileURLWithPath: collection.path("in/photos/1.jpg")))
    #expect(try collection.store.trainingPhotoData(id: photos[0].id) == file)
  }

  @Test("a folder of a folder per class; what lies elsewhere is named")
  func classFolders() throws {
    for (number, name) in ["mask/1.jpg", "no_mask/2.png", "covering/x/3.jpg", "other/4.jpg", "5.jpg"].enumerated() {
      try collection.write(Collection.picture(UInt64(number)), to: "in/" + name)
    }
    try collection.folder.write(Data("notes".utf8), to: "in/README.md")
    let report = try collection.load("in", source: "office")
    #expect(try collection.photos().map(\.label) == [MaskLabel.mask, .none, .covering])
    #expect(try collection.photos().map(\.kind) == [.jpg, .png, .jpg])
    #expect(try collection.photos().allSatisfy { $0.source == "office" })
    #expect(report.problems.map(\.code) == ["no-class", "no-class"])
    #expect(throws: DatasetError.self) { try ImportPlan(folder: collection.path("in/other"), consent: "yes") }
  }

  @Test("no photo is kept without consent")
  func consent() throws {
    for number in 1...2 { try collection.write(Collection.picture(UInt64(number)), to: "in/mask/\(number).jpg") }
    #expect(throws: DatasetError.self) { try collection.load("in", consent: nil) }
    try collection.write(list: "file,class\nmask/1.jpg,mask\n", to: "in")
    #expect(throws: DatasetError.self) { try collection.load("in", consent: nil) }
    try collection.write(list: "file,class,consent\nmask/1.jpg,mask,form 7\nmask/2.jpg,mask,\n", to: "in")
    let report = try collection.load("in", consent: nil)
    #expect(report.problems.map(\.code) == ["no-consent"])
    #expect(report.problems.map { ($0.file as NSString).lastPathComponent } == ["2.jpg"])
    #expect(try collection.photos().map(\.file) == ["1.jpg"])
  }

  @Test("bad photos and bad rows are named, and all the others are imported")
  func problems() throws {
    let whole = try collection.write(Collection.picture(1), to: "in/good.jpg")
    try collection.write(Collection.picture(2), to: "in/odd.jpg")
    try collection.folder.write(Data("text".utf8), to: "in/text.jpg")
    try collection.folder.write(Data(contentsOf: whole).prefix(900), to: "in/half.jpg")
    try collection.write(
      list: """
        file,class,split,name
        text.jpg,mask,,
        half.jpg,mask,,
        gone.jpg,mask,,
        odd.jpg,helmet,,
        odd.jpg,mask,everything,
        odd.jpg,mask,,"two\nlines"
        good.jpg,mask,,
        """, to: "in")
    let report = try collection.load("in")
    // What the list says wrong is known before a photo is opened.
    #expect(
      report.problems.map(\.code) == [
        "no-class", "no-split", "not-a-picture", "truncated", "unreadable", "invalid-value",
      ])
    #expect(try collection.photos().map(\.file) == ["good.jpg"])
  }

  @Test(
    "the same content again is skipped under any name, and another label for it is a problem that says what to type")
  func again() throws {
    let file = try collection.write(Collection.picture(1), to: "in/mask/1.jpg")
    try collection.folder.write(Data(contentsOf: file), to: "in/mask/2.jpg")
    #expect(try collection.load("in").added == 1)
    let second = try collection.load("in")
    #expect((second.added, second.skipped, second.problems.isEmpty) == (0, 2, true))
    try collection.folder.write(Data(contentsOf: file), to: "other/none/1.jpg")
    let third = try collection.load("other")
    #expect(third.problems.map(\.code) == ["other-label"])
    #expect(third.problems[0].reason.contains("rollcall dataset review --correct"))
    #expect(try collection.photos().map(\.label) == [.mask])
  }

  @Test("near-duplicates are of one cluster and one split: smaller, recompressed, brighter and mirrored copies")
  func nearDuplicates() throws {
    let picture = try Collection.picture(1, side: 200)
    try collection.write(picture, to: "in/1.png")
    try collection.write(picture, to: "in/2.jpg", quality: 40)
    try collection.write(picture.resized(width: 60, height: 60), to: "in/3.jpg")
    let brighter = picture.withPixels { $0.map { UInt8(min(255, Int($0) + 20)) } }
    try collection.write(Image(rgb: brighter, width: 200, height: 200), to: "in/4.png")
    try collection.write(Collection.mirrored(picture), to: "in/5.png")
    try collection.write(Collection.picture(2), to: "in/6.png")
    try collection.write(
      list: "file,class,split\n"
        + zip(1...6, ["png", "jpg", "jpg", "png", "png", "png"]).map { "\($0).\($1),mask,\($0 == 1 ? "val" : "train")" }
        .joined(separator: "\n"), to: "in")
    let report = try collection.load("in")
    let photos = try collection.photos()
    #expect(Set(photos[..<5].map(\.cluster)).count == 1)
    #expect(photos.map(\.split) == [.val, .val, .val, .val, .val, .train])
    #expect(photos[5].cluster != photos[0].cluster)
    #expect((report.nearDuplicates, report.moved) == (4, 4))
    // A copy that comes later joins them.
    try collection.write(picture, to: "later/mask/7.jpg", quality: 70)
    #expect(try collection.load("later", share: 0).nearDuplicates == 1)
    #expect(try collection.photos()[6].split == .val)
  }

  @Test("a photo between two clusters joins them, and the smaller one moves to the split of the larger")
  func bridge() throws {
    // Two pictures blended into each other by steps: neighbours are near-duplicates, the ends are not.
    let (one, two) = (try Collection.picture(1), try Collection.picture(2))
    let (a, b) = (one.withPixels(Array.init), two.withPixels(Array.init))
    let steps = try (0...40).map { step in
      let share = Double(step) / 40
      return try Image(
        rgb: zip(a, b).map { UInt8(Double($0) * (1 - share) + Double($1) * share) }, width: 96, height: 96)
    }
    let hashes = try steps.map { try $0.perceptualHash() }
    #expect(hashes[0].distance(to: hashes[40]) > 16)
    var list = "file,class,split\n"
    // The two ends first, in different splits, then what lies between.
    for (place, step) in ([0, 40] + Array(1...39)).enumerated() {
      let name = String(format: "%02d.png", place)
      try collection.write(steps[step], to: "in/" + name)
      list += "\(name),mask,\(place == 0 ? "test" : "train")\n"
    }
    try collection.write(list: list, to: "in")
    _ = try collection.load("in")
    let photos = try collection.photos()
    #expect(Set(photos.map(\.cluster)).count == 1)
    #expect(Set(photos.map(\.split)).count == 1)
    // What is stored reads back the same: nothing more moves.
    let again = try collection.load("in")
    #expect((again.added, again.moved) == (0, 0))
  }

  @Test("where the list has no split, about the wanted share of each source validates, the same in every run of a seed")
  func splits() throws {
    for number in 0..<120 {
      try collection.write(Collection.picture(UInt64(number), side: 32), to: "in/\(number % 2)/\(number).png")
    }
    var list = "file,class,source\n"
    for number in 0..<120 { list += "\(number % 2)/\(number).png,mask,source \(number % 2)\n" }
    try collection.write(list: list, to: "in")
    try collection.load("in", share: 0.3, seed: 5)
    let splits = try collection.photos().map { [$0.file: $0.split] }
    for source in ["source 0", "source 1"] {
      let own = try collection.photos().filter { $0.source == source }
      #expect((8...30).contains(own.filter { $0.split == .val }.count))
      #expect(own.allSatisfy { $0.split != .test })
    }
    _ = try collection.store.forgetTrainingPhotos(.init())
    try collection.load("in", share: 0.3, seed: 5)
    #expect(try collection.photos().map { [$0.file: $0.split] } == splits)
    _ = try collection.store.forgetTrainingPhotos(.init())
    try collection.load("in", share: 0.3, seed: 6)
    #expect(try collection.photos().map { [$0.file: $0.split] } != splits)
  }

  @Test("a run that was stopped is finished by running it again")
  func resume() throws {
    struct Stop: Error {}
    for number in 0..<150 {
      try collection.write(Collection.picture(UInt64(number), side: 32), to: "in/mask/\(number).png")
    }
    let plan = try ImportPlan(folder: collection.path("in"), consent: "yes")
    let importer = DatasetImporter(store: collection.store)
    var seen = 0
    #expect(throws: Stop.self) {
      try importer.run(plan) { _ in
        seen += 1
        if seen == 100 { throw Stop() }
      }
    }
    let before = try collection.photos().count
    #expect(before == 64)
    let report = try importer.run(plan)
    #expect((report.added, report.skipped) == (150 - before, before))
    #expect(try collection.photos().count == 150)
  }

  @Test("the collection is counted by label, source, split and correction")
  func summary() throws {
    for number in 1...3 { try collection.write(Collection.picture(UInt64(number)), to: "in/\(number).png") }
    try collection.write(
      list: "file,class,source,split\n1.png,mask,a,train\n2.png,mask,a,val\n3.png,none,b,train\n", to: "in")
    try collection.load("in")
    let photos = try collection.photos()
    for (photo, label) in [(photos[0], MaskLabel.covering), (photos[2], .none)] {
      try collection.store.correctTrainingPhoto(id: photo.id, .init(label: label, by: "Ann", reason: "seen"))
    }
    let summary = try DatasetSummary(collection.store)
    #expect(summary.all.photos == 3)
    #expect(summary.all.labels == [.mask: 1, .covering: 1, .none: 1])
    #expect(summary.all.splits == [.train: 2, .val: 1])
    #expect((summary.all.corrected, summary.all.reviewed, summary.clusters) == (1, 2, 3))
    #expect(summary.sources["a"]?.labels == [.mask: 1, .covering: 1])
    #expect(summary.sources["b"]?.photos == 1)
  }
}
