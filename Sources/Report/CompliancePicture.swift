public import Evaluation
public import Foundation

/// A picture of how often masks were worn: by day, by hour of the day and by camera.
public struct CompliancePicture: Sendable {
  /// The file formats of the picture.
  public enum Kind: String, Sendable, CaseIterable {
    case png
    case svg
  }

  /// One bar of a chart.
  public struct Bar: Sendable {
    let label: String
    let share: Proportion?

    /// - Parameter share: The share of labelled faces with a mask; nil leaves a gap.
    public init(_ label: String, _ share: Proportion?) {
      self.label = label
      self.share = share
    }
  }

  private let title: String
  private let subtitle: String
  private let days: [Bar]
  private let hours: [Bar]
  private let cameras: [Bar]

  private static let width = 1200.0
  /// The left and right end of the charts, in pixels.
  private static let (left, right) = (140.0, 1165.0)
  private static let chartHeight = 270.0
  private static let rowHeight = 46.0
  private static let mostCameras = 20
  /// The least number of bars that a chart of columns has room for.
  private static let fewest = 8
  /// The least room of a bar, in pixels, at which its number of faces is drawn.
  private static let narrowest = 21.0

  /// - Parameters:
  ///   - days: In order, days without faces included.
  ///   - cameras: The first twenty are drawn.
  public init(title: String, subtitle: String, days: [Bar], hours: [Bar], cameras: [Bar]) {
    self.title = title
    self.subtitle = subtitle
    self.days = days
    self.hours = hours
    self.cameras = Array(cameras.prefix(Self.mostCameras))
  }

  /// Draws the picture.
  ///
  /// - Throws: `ReportError` with code `plotting`.
  public func draw(_ kind: Kind, with plotter: Plotter) throws(ReportError) -> Data { try plotter.draw(script(kind)) }

  /// The complete script for gnuplot.
  func script(_ kind: Kind, _ theme: Theme = .light) -> String {
    // Heading, two charts with their axes, and a row per camera.
    let daysTop = 150 + countsHeight(days)
    let hoursTop = daysTop + Self.chartHeight + 140 + countsHeight(hours)
    let camerasTop = hoursTop + Self.chartHeight + 130
    let bottom = cameras.isEmpty ? hoursTop + Self.chartHeight : camerasTop + Self.rowHeight * Double(cameras.count)
    let height = bottom + 110
    let size = "size \(Int(Self.width)),\(Int(height))"
    let terminal =
      switch kind {
      case .png: "pngcairo \(size) font 'DejaVu Sans,16' linewidth 1.5 noenhanced"
      case .svg: "svg \(size) dynamic font 'DejaVu Sans,16' linewidth 1.5 noenhanced"
      }
    let ink = "textcolor rgb '\(theme.ink.text)'"
    let faintInk = theme.ink.mixed(with: theme.background, 0.35).text
    var lines = [
      "set encoding utf8", "set terminal \(terminal) background rgb '\(theme.background.text)'",
      "set multiplot",
      "set label 1 \(words(title, kind)) at screen \(Self.left / Self.width),\(1 - 42 / height) left \(ink) font ',23'",
      "set label 2 \(words(subtitle, kind)) at screen \(Self.left / Self.width),\(1 - 78 / height) left "
        + "textcolor rgb '\(faintInk)' font ',15'",
      "set border 3 linecolor rgb '\(faintInk)' linewidth 0.8", "set tics nomirror out scale 0.5 \(ink) font ',14'",
      "set grid ytics linetype 1 linecolor rgb '\(theme.faint.text)' linewidth 0.6", "unset key",
      "set lmargin at screen \(Self.left / Self.width)", "set rmargin at screen \(Self.right / Self.width)",
      "set style fill solid noborder", "set boxwidth 0.72",
    ]
    for (bars, name, axis, top) in [(days, "days", "day", daysTop), (hours, "hours", "hour of the day", hoursTop)] {
      lines += columns(bars, name, axis: axis, top: top, height: height, theme)
      lines += ["unset label 1", "unset label 2"]
    }
    if !cameras.isEmpty { lines += rows(top: camerasTop, height: height, kind, theme) }
    return (lines + ["unset multiplot", ""]).joined(separator: "\n")
  }

  /// Columns, with the numbers of faces above them if there is room.
  private func columns(
    _ bars: [Bar], _ name: String, axis: String, top: Double, height: Double, _ theme: Theme
  ) -> [String] {
    let ink = "textcolor rgb '\(theme.ink.text)'"
    let room = room(bars)
    // A few bars stand together in the middle.
    let edge = (Double(Self.fewest) - Double(bars.count)) / 2
    let widest = Self.width(bars.map(\.label), font: 14)
    let every = max(1, Int((widest / room).rounded(.up)))
    let ticks = bars.enumerated().filter { $0.offset % every == 0 }.map { "\(quoted($0.element.label)) \($0.offset)" }
    let turn = countsHeight(bars) > 0 ? "left rotate by 90" : "center"
    let counts =
      room < Self.narrowest ? [] : labels(bars.enumerated().map { ("\($0.offset),106 \(turn)", $0.element) }, theme)
    return [
      "set tmargin at screen \(1 - top / height)",
      "set bmargin at screen \(1 - (top + Self.chartHeight) / height)",
      "set xrange [\(-0.6 - max(0, edge)):\(Double(bars.count) - 0.4 + max(0, edge))]", "set yrange [0:100]",
      "set ytics 0,25,100 format '%g %%'",
      "set xtics (\(ticks.joined(separator: ", ")))", "set xlabel '\(axis)' \(ink) font ',15' offset 0,-0.2",
      "set ylabel 'wore a mask' \(ink) font ',15' offset 0.5,0",
    ] + counts + [
      block(name, values(bars))
        + "plot $\(name) using 1:2 with boxes "
        + "linecolor rgb '\(theme.background.mixed(with: theme.accent, 0.75).text)', "
        + "$\(name) using 1:3:(0):($4-$3) \(whiskers(theme))"
    ] + counts.indices.map { "unset label \($0 + 10)" }
  }

  /// One horizontal bar per camera, because camera names are long.
  private func rows(top: Double, height: Double, _ kind: Kind, _ theme: Theme) -> [String] {
    let ink = "textcolor rgb '\(theme.ink.text)'"
    let names = cameras.enumerated().map { index, bar in
      let name = bar.label.count > 24 ? bar.label.prefix(23) + "…" : bar.label
      return "\(words(String(name), kind)) \(index)"
    }
    let counts = labels(cameras.enumerated().map { ("102,\($0.offset) left", $0.element) }, theme)
    let indent = min(290, Self.width(cameras.map(\.label), font: 14)) + 20
    return [
      "set tmargin at screen \(1 - top / height)",
      "set bmargin at screen \(1 - (top + Self.rowHeight * Double(cameras.count)) / height)",
      "set lmargin at screen \(max(Self.left, indent) / Self.width)",
      "set rmargin at screen \((Self.right - 70) / Self.width)",
      "set xrange [0:100]", "set yrange [\(Double(cameras.count) - 0.4):-0.6]",
      "set xtics 0,25,100 format '%g %%'", "set ytics (\(names.joined(separator: ", "))) format '%s'",
      "unset grid", "set grid xtics linetype 1 linecolor rgb '\(theme.faint.text)' linewidth 0.6",
      "set xlabel 'wore a mask, by camera' \(ink) font ',15' offset 0,-0.2", "unset ylabel",
    ] + counts + [
      block("cameras", values(cameras))
        + "plot $cameras using ($2/2):1:($2/2):(0.36) with boxxyerror "
        + "linecolor rgb '\(theme.background.mixed(with: theme.accent, 0.75).text)', "
        + "$cameras using 3:1:($4-$3):(0) \(whiskers(theme))"
    ]
  }

  /// The intervals: lines with a short bar across each end.
  private func whiskers(_ theme: Theme) -> String {
    "with vectors heads size screen 0.004,90 linewidth 1 linecolor rgb '\(theme.ink.text)'"
  }

  /// The distance from one column to the next, in pixels.
  private func room(_ bars: [Bar]) -> Double { (Self.right - Self.left) / Double(max(bars.count, Self.fewest)) }

  /// The additional height of the numbers above the columns, in pixels, if they are turned upright.
  private func countsHeight(_ bars: [Bar]) -> Double {
    let room = room(bars)
    let width = Self.width(bars.compactMap { $0.share.map { String($0.total) } }, font: 13)
    return width > room && room >= Self.narrowest ? width - 15 : 0
  }

  /// The width of the longest of these texts, in pixels, with a margin. It is an estimate.
  private static func width(_ texts: [String], font: Double) -> Double {
    (Double(texts.map(\.count).max() ?? 1) + 1) * font * 0.8
  }

  /// A text for gnuplot. In PNG, each letter that DejaVu Sans lacks becomes a square, because gnuplot draws a missing
  /// letter over half the picture.
  private func words(_ text: String, _ kind: Kind) -> String {
    let scalars = text.unicodeScalars.map { scalar -> Character in
      if kind == .svg { return scalar.properties.generalCategory == .control ? " " : Character(scalar) }
      return Self.drawable.contains { $0.contains(scalar.value) } ? Character(scalar) : "□"
    }
    return quoted(String(scalars))
  }

  /// Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Georgian, and signs: ranges that DejaVu Sans 2.37 covers
  /// completely.
  private static let drawable: [ClosedRange<UInt32>] = [
    0x20...0x7E, 0xA0...0x2AF, 0x300...0x33F, 0x384...0x38A, 0x38E...0x3A1, 0x3A3...0x3FF, 0x400...0x4FF, 0x531...0x556,
    0x561...0x587, 0x5D0...0x5EA, 0x621...0x63A, 0x640...0x652, 0x660...0x669, 0x10D0...0x10FA, 0x1E00...0x1EF9,
    0x2010...0x2027, 0x2030...0x203A, 0x20A0...0x20B5, 0x2190...0x22FF, 0x25A0...0x25FF,
  ]

  /// One row per bar: position, per cent, and both ends of the 95 % interval.
  private func values(_ bars: [Bar]) -> [[Double?]] {
    bars.enumerated().map { index, bar in
      [
        Double(index), bar.share.map { $0.value * 100 }, bar.share.map { $0.interval.lowerBound * 100 },
        bar.share.map { $0.interval.upperBound * 100 },
      ]
    }
  }

  /// Labels with the number of faces of each bar.
  private func labels(_ bars: [(place: String, bar: Bar)], _ theme: Theme) -> [String] {
    let ink = theme.ink.mixed(with: theme.background, 0.25).text
    return bars.enumerated().map { index, entry in
      "set label \(index + 10) '\(entry.bar.share.map { String($0.total) } ?? "")' at \(entry.place) "
        + "textcolor rgb '\(ink)' font ',13'"
    }
  }
}
