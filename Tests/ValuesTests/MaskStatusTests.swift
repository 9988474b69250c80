import Testing
import Values

@Suite("Mask status")
struct MaskStatusTests {
  @Test("the likeliest label is stated when it is likely enough")
  func sure() {
    let status = MaskStatus(
      probabilities: [.mask: 0.1, .incorrect: 0.7, .covering: 0.15, .none: 0.05], unsureBelow: 0.6)
    #expect(status.label == .incorrect)
    #expect(status.label.rawValue == "incorrect")
    #expect(status.label.isCovered)
  }

  @Test("an unlikely label is not stated, and the face does not count as covered")
  func unsure() {
    let status = MaskStatus(probabilities: [.mask: 0.5, .incorrect: 0.4, .none: 0.1], unsureBelow: 0.6)
    #expect(status.label == .unsure)
    #expect(status.label.rawValue == "unsure")
    #expect(status.likeliest == .mask)
    #expect(!status.label.isCovered)
    #expect(status[.covering] == 0)
  }

  @Test("a bare face is not covered; a mask, one worn wrongly and a hand are", arguments: MaskLabel.classes)
  func covered(label: MaskLabel) {
    #expect(MaskStatus(probabilities: [label: 1], unsureBelow: 0.6).label.isCovered == (label != .none))
  }
}
