import Mask
import Testing

@Suite("Mask status")
struct MaskStatusTests {
  @Test("the likeliest label is stated when it is likely enough")
  func sure() {
    let status = MaskStatus(
      probabilities: [.mask: 0.1, .incorrect: 0.7, .covering: 0.15, .none: 0.05], unsureBelow: 0.6)
    #expect(status.label == .incorrect)
    #expect(status.word == "incorrect")
    #expect(status.isCovered)
  }

  @Test("an unlikely label is not stated, and the face does not count as covered")
  func unsure() {
    let status = MaskStatus(probabilities: [.mask: 0.5, .incorrect: 0.4, .none: 0.1], unsureBelow: 0.6)
    #expect(status.label == nil)
    #expect(status.word == "unsure")
    #expect(status.likeliest == .mask)
    #expect(!status.isCovered)
    #expect(status[.covering] == 0)
  }

  @Test("a bare face is not covered; a mask, one worn wrongly and a hand are", arguments: MaskLabel.allCases)
  func covered(label: MaskLabel) {
    #expect(MaskStatus(probabilities: [label: 1], unsureBelow: 0.6).isCovered == (label != .none))
  }
}
