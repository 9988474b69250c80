import FoundationEssentials
internal import Glibc

/// Bold and coloured text, where it is wanted.
public struct Style: Sendable {
  /// How a text stands out.
  public enum Look: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  /// Leaves texts as they are.
  public static let plain = Style(isOn: false)

  let isOn: Bool

  /// Looks are applied on a terminal that knows them, unless `NO_COLOR` is set to anything.
  init(isTerminal: Bool, environment: [String: String]) {
    self.init(isOn: isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb")
  }

  private init(isOn: Bool) {
    self.isOn = isOn
  }

  /// The text between the codes that switch the look on and off.
  public func apply(_ look: Look, to text: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// The number of columns to write to: `COLUMNS`, else what the terminal at a descriptor has; nil if neither says.
func terminalWidth(_ descriptor: Int32, environment: [String: String]) -> Int? {
  if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
  var size = winsize()
  guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}
