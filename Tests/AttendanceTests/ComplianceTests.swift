import Attendance
import Store
import Testing
import Values

@Suite("Mask compliance", .serialized)
struct ComplianceTests {
  private func numbers(_ tally: MaskCompliance.Tally?) -> [Int] {
    tally.map { [$0[.mask], $0[.incorrect], $0[.covering], $0[.none], $0[.unsure], $0.labelled] } ?? []
  }

  @Test("labels are counted by day, by hour and by camera; void ones, ends of visits and faces without a label are not")
  func counts() throws {
    try withLog { log throws in
      try log.enroll("3", groups: ["ward"])
      try log.see("1", "2026-11-20T08:10", mask: .mask)
      try log.see(nil, "2026-11-20T08:59", mask: MaskLabel.none)
      try log.see("3", "2026-11-20T17:00", at: .camera("yard"), mask: .incorrect)
      try log.see("3", "2026-11-21T08:00", at: .file("a.jpg"), mask: .mask)
      try log.see("1", "2026-11-21T09:00", mask: .unsure)
      try log.see("1", "2026-11-21T09:30")
      try log.see("1", "2026-11-21T09:40", id: "void", mask: .covering)
      try log.void("void")
      try log.visit("1", 1, from: "2026-11-21T10:00", to: "2026-11-21T11:00")
      try log.mark("1", .out, "2026-11-21T12:00")

      let all = try log.log().maskCompliance()
      #expect(numbers(all.total) == [3, 1, 0, 1, 1, 5])
      #expect(all.days.mapValues(numbers) == ["2026-11-20": [1, 1, 0, 1, 0, 3], "2026-11-21": [2, 0, 0, 0, 1, 2]])
      #expect(
        all.hours.mapValues(numbers) == [
          8: [2, 0, 0, 1, 0, 3], 9: [0, 0, 0, 0, 1, 0], 10: [1, 0, 0, 0, 0, 1], 17: [0, 1, 0, 0, 0, 1],
        ])
      #expect(all.cameras.mapValues(numbers) == ["door": [2, 0, 0, 1, 1, 3], "yard": [0, 1, 0, 0, 0, 1]])

      #expect(numbers(try log.log().maskCompliance(.init(group: "ward")).total) == [1, 1, 0, 0, 0, 2])
      #expect(
        numbers(try log.log().maskCompliance(.init(to: "2026-11-20", camera: "door")).total) == [1, 0, 0, 1, 0, 2])
    }
  }
}
