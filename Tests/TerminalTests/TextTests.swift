import Testing

@testable import Terminal

@Suite("Text on a terminal")
struct TextTests {
  @Test("a hostile file name cannot move the cursor, forge a line or turn its letters around")
  func displayableNames() {
    #expect(displayable("plain é 山田 👩🏽‍🔬.jpg") == "plain é 山田 👩🏽‍🔬.jpg")
    #expect(displayable("a\nb\r\n\tc") == "a\\nb\\r\\n\\tc")
    #expect(displayable("\u{1B}[2J\u{7}\u{7F}\u{9B}1A") == "\\u{1b}[2J\\u{7}\\u{7f}\\u{9b}1A")
    #expect(displayable("gpj.\u{202E}x\u{2066}\u{200F}\u{2028}") == "gpj.\\u{202e}x\\u{2066}\\u{200f}\\u{2028}")
    for scalar in (0...0x3000 as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init) {
      let safe = displayable("x\(scalar)y")
      #expect(safe.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }
  }

  @Test(
    "the width of a text is what a terminal makes of it",
    arguments: [
      ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("山田", 4), ("한국", 4), ("한", 2), ("ｱ", 1), ("Ａ", 2),
      ("👩🏽‍🔬", 2), ("❤\u{FE0F}", 2), ("❤", 1), ("🇩🇪", 2), ("…", 1), ("\u{200B}", 0), ("ไทย", 3), ("שלום", 4),
    ])
  func widths(text: String, columns: Int) {
    #expect(text.columns == columns)
  }

  @Test("a text is shortened to the columns there are, at the end or at the beginning")
  func shortening() {
    #expect("photo-0001.jpg".shortened(to: 20) == "photo-0001.jpg")
    #expect("photo-0001.jpg".shortened(to: 14) == "photo-0001.jpg")
    #expect("photo-0001.jpg".shortened(to: 8) == "photo-0…")
    #expect("photo-0001.jpg".shortened(to: 8, keeping: .end) == "…001.jpg")
    #expect("山田太郎".shortened(to: 6) == "山田…")
    #expect("山田太郎".shortened(to: 5) == "山田…")
    #expect("山田太郎".shortened(to: 4, keeping: .end) == "…郎")
    #expect("abc".shortened(to: 1) == "…")
    #expect("abc".shortened(to: 0) == "")
  }

  @Test("lines are broken at blanks, and a long word has a line of its own")
  func wrapping() {
    #expect("one two three".wrapped(to: 7) == ["one two", "three"])
    #expect("a incomprehensible b".wrapped(to: 6) == ["a", "incomprehensible", "b"])
    #expect("one\n\ntwo".wrapped(to: 10) == ["one", "", "two"])
    #expect("".wrapped(to: 10) == [""])
  }

  @Test("a table's columns are aligned, whatever is in the cells")
  func tables() {
    var table = TextTable([.init("name"), .init("faces", .right), .init("file")])
    table.add(["Ann", "7", "a.jpg"])
    table.add(["山田", "1234567", "two\nlines"])
    table.add(["Zoe\u{308}"])
    #expect(
      table.text() == """
        name    faces  file
        Ann         7  a.jpg
        山田  1234567  two\\nlines
        Zoë

        """)
  }

  @Test("the widest texts of a table are shortened to the terminal, numbers never")
  func narrowTables() {
    var table = TextTable([.init("name"), .init("number", .right), .init("file")])
    table.add(["Ann Lee", "1234567890", "a-very-long-name-of-a-file.jpg"])
    #expect(
      table.text(width: 35) == """
        name         number  file
        Ann Lee  1234567890  a-very-long-n…

        """)
    // Below a few characters nothing would be left to read.
    #expect(table.text(width: 3).contains("Ann L…  1234567890  a-ver…"))
  }

  @Test("what people copy is never shortened")
  func wholeColumns() {
    var table = TextTable([.init("name"), .init("event", isWhole: true)])
    table.add(["Ann Lee Somebody", "live:2c9d1e5b:14:arrival"])
    #expect(table.text(width: 20).contains("Ann L…  live:2c9d1e5b:14:arrival\n"))
  }

  @Test("a table's headings are bold on a terminal")
  func tableStyle() {
    let table = TextTable([.init("a"), .init("b")])
    #expect(table.text(style: Style(isTerminal: true, environment: [:])) == "\u{1B}[1ma  b\u{1B}[0m\n")
  }
}
