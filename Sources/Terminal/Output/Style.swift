import FoundationEssentials
internal import Glibc

/// The style of text on a terminal: bold and coloured, or plain.
public struct Style: Sendable {
  /// The look of a text.
  public enum Look: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  /// The plain style, which leaves texts unchanged.
  public static let plain = Style(isOn: false)

  let isOn: Bool

  /// Applies looks if the terminal supports them and `NO_COLOR` is empty or not set.
  init(isTerminal: Bool, environment: [String: String]) {
    self.init(isOn: isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb")
  }

  private init(isOn: Bool) {
    self.isOn = isOn
  }

  /// Returns the text between the codes that switch the look on and off.
  public func apply(_ look: Look, to text: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// The number of columns, from `COLUMNS` or else from the terminal at a descriptor; nil if neither gives it.
func terminalWidth(_ descriptor: Int32, environment: [String: String]) -> Int? {
  if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
  var size = winsize()
  guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}
