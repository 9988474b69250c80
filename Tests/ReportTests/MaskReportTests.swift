import Evaluation
import Formats
import Foundation
import Report
import TestResources
import Testing

@Suite("Training logs")
struct TrainingLogTests {
  @Test("epochs of several trainings, with cells that are empty")
  func folds() throws {
    let log = try TrainingLog(
      parsing: """
        fold,epoch,train_loss,val_loss,train_accuracy,val_accuracy
        a,1,0.9,1.0,0.5,0.4
        b,1,0.8,,0.6,
        a,2,0.7,0.9,0.7,0.6
        """)
    #expect(log.folds.map(\.name) == ["a", "b"])
    #expect(log.folds[0].epochs.map(\.number) == [1, 2])
    #expect(log.folds[0].epochs.map(\.validationLoss) == [1.0, 0.9])
    #expect(log.folds[1].epochs.map(\.validationAccuracy) == [nil])
    let one = try TrainingLog(parsing: "epoch,train_loss,val_loss,train_accuracy,val_accuracy\n0,1,1,0,1\n")
    #expect(one.folds.map(\.name) == [""])
  }

  @Test(
    "a line that is no epoch is named",
    arguments: [
      ("one,1,1,0,1", "line 2: epoch is no whole number"), ("1,much,1,0,1", "line 2: “much” is no train_loss"),
      ("1,1,1,0,98", "line 2: “98” is no val_accuracy"), ("", "line 1: the log has no epoch"),
    ])
  func errors(line: String, message: String) {
    let error = #expect(throws: CSV.Failure.self) {
      try TrainingLog(parsing: "epoch,train_loss,val_loss,train_accuracy,val_accuracy\n\(line)\n")
    }
    #expect(error?.description == message)
  }
}

@Suite("Mask reports")
struct MaskReportTests {
  private let folder: TemporaryFolder
  private let plotter: Plotter

  init() throws {
    folder = try TemporaryFolder()
    plotter = try Plotter()
  }

  private static func answer(_ index: Int, _ confidence: Double) -> MaskTrial.Answer {
    let rest = (1 - confidence) / 3
    return .init(probabilities: (0..<4).map { $0 == index ? confidence : rest }, isUnsure: confidence < 0.6)
  }

  private static var trials: [MaskTrial] {
    var random = SeededGenerator(seed: 3)
    return (0..<300).map { number in
      let truth = [0, 0, 0, 1, 2, 3, 3, 3][number % 8]
      let called = Int.random(in: 0..<10, using: &random) == 0 ? Int.random(in: 0..<4, using: &random) : truth
      return MaskTrial(
        truth: MaskEvaluation.classes[truth],
        answer: number % 50 == 0 ? nil : answer(called, Double.random(in: 0.3...1, using: &random)),
        group: ["it's a <source>", "b"][number % 2])
    }
  }

  private func report(photo: Data?) throws -> MaskReport {
    var report = MaskReport(try MaskEvaluation(Self.trials), unsureBelow: 0.6)
    report.mistakes = [
      .init(file: "<b>.jpg", truth: "mask", answer: Self.answer(3, 0.9), group: "b", photo: photo),
      .init(file: "missed.jpg", truth: "none", answer: nil, group: nil, photo: nil),
    ]
    report.facts = [("labels", "labels.csv")]
    return report
  }

  private func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
  }

  private func page() throws -> String {
    try String(contentsOf: folder.url.appendingPathComponent("index.html"), encoding: .utf8)
  }

  @Test("a folder with a page that needs nothing else, plots for light and dark pages, and the figures")
  func whole() throws {
    var report = try report(photo: Data([0xFF, 0xD8, 0xFF]))
    report.training = try TrainingLog(
      parsing: """
        epoch,train_loss,val_loss,train_accuracy,val_accuracy,fold
        1,0.9,1.0,0.5,0.4,it's one
        2,0.7,0.9,0.7,0.6,it's one
        1,0.8,0.9,0.6,,two
        """)
    try report.write(to: folder.url, with: plotter)
    let plots = [
      "confidence", "confusion", "precision-recall", "reliability", "roc", "training-accuracy", "training-loss",
    ]
    #expect(
      try files() == (plots.flatMap { ["\($0).png", "\($0)-dark.png"] } + ["index.html", "report.json"]).sorted())
    for plot in plots {
      let (light, dark) = try (
        Data(contentsOf: folder.url.appendingPathComponent(plot + ".png")),
        Data(contentsOf: folder.url.appendingPathComponent(plot + "-dark.png"))
      )
      #expect(light.starts(with: [0x89, 0x50, 0x4E, 0x47]) && dark.starts(with: [0x89, 0x50, 0x4E, 0x47]))
      #expect(light != dark)
    }
    let page = try page()
    #expect(page.components(separatedBy: "data:image/png;base64,").count == 2 * plots.count + 1)
    #expect(page.components(separatedBy: "data:image/jpeg;base64,").count == 2)
    #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("src=\"r"))
    #expect(page.contains("&lt;b&gt;.jpg") && !page.contains("<b>.jpg"))
    #expect(page.contains("it&#39;s a &lt;source&gt;"))
    #expect(page.contains("Keep this page to yourself"))

    let data = try Data(contentsOf: folder.url.appendingPathComponent("report.json"))
    let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(json["faces"] as? Int == 300)
    #expect((json["mistakes"] as? [[String: Any]])?.map { $0["called"] as? String } == ["none", nil])
    #expect((json["training"] as? [Any])?.count == 3)
  }

  @Test("without photos the page says so and names the mistakes all the same")
  func withoutPhotos() throws {
    var report = try report(photo: nil)
    report.leavesPhotosOut = true
    try report.write(to: folder.url, with: plotter)
    let page = try page()
    #expect(page.contains("left out of this report"))
    #expect(page.contains("missed.jpg"))
    #expect(!page.contains("image/jpeg"))
    #expect(!page.contains("Training"))
  }

  @Test("the same evaluation gives the same report")
  func reproducible() throws {
    let other = try TemporaryFolder()
    try report(photo: nil).write(to: folder.url, with: plotter)
    try report(photo: nil).write(to: other.url, with: plotter)
    for file in try files() {
      #expect(
        try Data(contentsOf: folder.url.appendingPathComponent(file))
          == Data(contentsOf: other.url.appendingPathComponent(file)), "\(file)")
    }
  }

  @Test("a set in which every face was missed still has a report")
  func allMissed() throws {
    let report = MaskReport(try MaskEvaluation([MaskTrial(truth: "none", answer: nil)]), unsureBelow: 0.6)
    try report.write(to: folder.url, with: plotter)
    #expect(try files() == ["confusion-dark.png", "confusion.png", "index.html", "report.json"])
  }

  @Test("without gnuplot the error says what to install, and a folder that cannot be made is named")
  func errors() throws {
    let error = #expect(throws: ReportError.self) { try Plotter(environment: ["PATH": folder.url.path]) }
    #expect(error?.code == .noPlotter)
    #expect(error?.description.contains("apt-get install gnuplot-nox") == true)
    let file = try folder.write(Data(), to: "file")
    let writing = #expect(throws: ReportError.self) { try MaskReport.prepare(file) }
    #expect(writing?.code == .writing)
    #expect(writing?.description.contains(file.path) == true)
  }
}
