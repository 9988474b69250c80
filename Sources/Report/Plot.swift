import Foundation

/// A script for gnuplot, put together.
struct Plot {
  /// Pixels. Pages show plots at half of that or less, so they are sharp on fine screens.
  static let size = (width: 1120, height: 960)

  /// The file's name without an ending.
  let name: String
  /// The heading.
  let title: String
  /// What the plot shows, for people who cannot see it.
  let description: String
  private let commands: (Theme) -> String

  /// - Parameter commands: gnuplot's, with the last one drawing; colours and fonts are set before.
  init(_ name: String, title: String, description: String, commands: @escaping (Theme) -> String) {
    self.name = name
    self.title = title
    self.description = description
    self.commands = commands
  }

  /// All of gnuplot's commands.
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

/// A text as gnuplot reads it: within single quotes a doubled one stands for itself. Line ends would end the command.
func quoted(_ text: String) -> String {
  let line = text.components(separatedBy: .newlines).joined(separator: " ")
  return "'" + line.replacingOccurrences(of: "'", with: "''") + "'"
}

/// A block of numbers that `plot` reads by name; what is missing leaves a gap.
func block(_ name: String, _ rows: [[Double?]]) -> String {
  let lines = rows.map { row in row.map { $0.map { "\($0)" } ?? "NaN" }.joined(separator: " ") }
  return (["$\(name) << END"] + lines + ["END", ""]).joined(separator: "\n")
}

/// A share as people read it, as in "98.31 %".
func percent(_ share: Double, decimals: Int = 2) -> String { String(format: "%.\(decimals)f %%", share * 100) }
