import Foundation

/// A script for gnuplot that draws one plot.
struct Plot {
  /// The size in pixels. Pages show a plot at half this size or less, so it is sharp on screens of high resolution.
  static let size = (width: 1120, height: 960)

  /// The file name without its extension.
  let name: String
  /// The heading.
  let title: String
  /// A description of the plot for people who cannot see it.
  let description: String
  private let commands: (Theme) -> String

  /// - Parameter commands: Gnuplot's commands. The last one draws. Colours and fonts are set before them.
  init(_ name: String, title: String, description: String, commands: @escaping (Theme) -> String) {
    self.name = name
    self.title = title
    self.description = description
    self.commands = commands
  }

  /// The complete script for gnuplot.
  func script(_ theme: Theme) -> String {
    let ink = "textcolor rgb '\(theme.ink.text)'"
    return """
      set encoding utf8
      set terminal pngcairo size \(Plot.size.width),\(Plot.size.height) background rgb '\(theme.background.text)' \
      font 'DejaVu Sans,23' linewidth 2 dashlength 0.6 noenhanced
      set title \(quoted(title)) \(ink) font ',26' offset 0,-0.2
      set border 3 linecolor rgb '\(theme.ink.mixed(with: theme.background, 0.35).text)' linewidth 0.8
      set tics nomirror out scale 0.6 \(ink)
      set grid linetype 1 linecolor rgb '\(theme.faint.text)' linewidth 0.6
      set xlabel \(ink)
      set ylabel \(ink)
      set key noautotitle below center horizontal maxcols 2 Left reverse samplen 2 spacing 1.15 \(ink)
      set key title ' ' font ',9'
      \(commands(theme))

      """
  }
}

/// A text quoted for gnuplot. A single quote is doubled. Line ends become spaces, because they would end the command.
func quoted(_ text: String) -> String {
  let line = text.components(separatedBy: .newlines).joined(separator: " ")
  return "'" + line.replacingOccurrences(of: "'", with: "''") + "'"
}

/// A block of numbers that `plot` reads by name. A missing number leaves a gap.
func block(_ name: String, _ rows: [[Double?]]) -> String {
  let lines = rows.map { row in row.map { $0.map { "\($0)" } ?? "NaN" }.joined(separator: " ") }
  return (["$\(name) << END"] + lines + ["END", ""]).joined(separator: "\n")
}

/// A share as people read it, such as "98.31 %".
func percent(_ share: Double, decimals: Int = 2) -> String { String(format: "%.\(decimals)f %%", share * 100) }
