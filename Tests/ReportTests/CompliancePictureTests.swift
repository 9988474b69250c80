import Evaluation
import Foundation
import Report
import TestResources
import Testing

@Suite("Pictures of mask compliance")
struct CompliancePictureTests {
  private let plotter: Plotter

  init() throws { plotter = try Plotter() }

  private func svg(_ days: Int = 1, cameras: [String] = []) throws -> String {
    let picture = CompliancePicture(
      title: "50.0 % of 4 faces wore a mask", subtitle: "group <ward> & 'yard'",
      days: (0..<days).map { .init("2026-day-\($0)", $0 == 1 ? nil : Proportion(2, of: 4)) },
      hours: [.init("08", Proportion(1, of: 1234))],
      cameras: cameras.enumerated().map { .init($0.element, Proportion($0.offset, of: 50)) })
    return String(decoding: try picture.draw(.svg, with: plotter), as: UTF8.self)
  }

  /// What can be read in a picture.
  private func texts(_ svg: String) throws -> [String] {
    try XMLElements(Data(svg.utf8)).all("text").map { $0.text.trimmingCharacters(in: .whitespacesAndNewlines) }
  }

  @Test("titles, bars, counts and cameras can be read, and a name is words, never a command")
  func words() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("ran").path
    let names = ["door", "it's \"<b>\" & \\n", "`touch \(file)`", "'; system('touch \(file)') #", "倉庫 😀", "two\nlines"]
    let read = try texts(svg(3, cameras: names))
    for word in ["50.0 % of 4 faces wore a mask", "group <ward> & 'yard'", "2026-day-0", "2026-day-2", "1234", "08"] {
      #expect(read.contains(word), "\(word)")
    }
    for name in [names[0], names[1], names[4], "two lines"] { #expect(read.contains(name), "\(name)") }
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test("many days keep every bar but not every date, and at most twenty cameras are drawn")
  func crowded() throws {
    let read = try texts(svg(60, cameras: (10..<40).map { "camera \($0)" }))
    let dates = read.filter { $0.hasPrefix("2026-day-") }
    #expect(dates.first == "2026-day-0" && (2...15).contains(dates.count))
    #expect(read.filter { $0.hasPrefix("camera ") } == (10..<30).map { "camera \($0)" })
    let bars = { (days: Int) in try svg(days).components(separatedBy: "<polygon").count }
    #expect(try bars(60) - bars(30) == 30)
  }

  @Test("PNG is a picture as large as SVG says")
  func png() throws {
    let picture = CompliancePicture(
      title: "倉庫 😀", subtitle: "", days: [.init("2026-09-01", Proportion(1, of: 2))],
      hours: [.init("08", Proportion(1, of: 2))], cameras: [.init("😀", nil)])
    let png = try picture.draw(.png, with: plotter)
    #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    let size = { (offset: Int) in png[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    let svg = String(decoding: try picture.draw(.svg, with: plotter), as: UTF8.self)
    #expect(svg.contains("viewBox=\"0 0 \(size(16)) \(size(20))\""))
  }
}
