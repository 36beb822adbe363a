/// A bar and some words behind it, on one line.
struct ProgressBar {
  /// From 0 to 1.
  let share: Double
  /// Each with what parts it from the one before. Where there is no room the third goes first, then the last ones.
  let words: [String]

  /// A bar shorter than this says nothing.
  private static let leastWidth = 8

  /// As much of it as fits, with one column left free: a line that wraps cannot be overwritten.
  func text(columns: Int) -> String {
    let room = max(1, columns - 1)
    let withoutThird = words.indices.filter { $0 != 2 }.map { words[$0] }
    let choices = [words, withoutThird, Array(words.prefix(2)), Array(words.prefix(1)), []]
    let texts = choices.map { " \(Int(share * 100)) %" + $0.joined() }
    let text = texts.first { $0.count + Self.leastWidth <= room } ?? String(texts.last!.suffix(room))
    let width = min(max(24, columns / 4), room - text.count)
    let full = Int(share * Double(width))
    return String(repeating: "█", count: full) + String(repeating: "░", count: width - full) + text
  }
}
