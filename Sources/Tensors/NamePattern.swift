/// A pattern of names of slots and tensors: `*` stands for any characters, dots among them, `?` for one; all else for itself.
///
/// ```swift
/// NamePattern("features.*.weight").matches("features.3.0.weight")     // true
/// NamePattern("blocks.*").parts(of: "blocks.3.bias")                   // ["3.bias"]
/// ```
/// The whole name has to fit. Where a star may stand for less or more, it stands for the least.
public struct NamePattern: Hashable, Sendable, CustomStringConvertible {
  private let characters: [Character]

  public init(_ text: String) { characters = Array(text) }

  public var description: String { String(characters) }

  /// How many stars it has.
  package var starCount: Int { characters.count { $0 == "*" } }

  public func matches(_ name: String) -> Bool { parts(of: name) != nil }

  /// What each star stands for in a name that fits, in their order; nil where it does not fit.
  package func parts(of name: String) -> [String]? {
    let name = Array(name)
    var (place, next) = (0, 0)
    /// Where the last star is, and what the stars so far stand for.
    var star = -1
    var parts: [Range<Int>] = []
    while next < name.count {
      if place < characters.count, characters[place] == "*" {
        star = place
        parts.append(next..<next)
        place += 1
      } else if place < characters.count, characters[place] == name[next] || characters[place] == "?" {
        place += 1
        next += 1
      } else if let last = parts.last {
        // The last star stands for a character more: those before need not change.
        place = star + 1
        next = last.upperBound + 1
        parts[parts.count - 1] = last.lowerBound..<next
      } else {
        return nil
      }
    }
    while place < characters.count, characters[place] == "*" {
      parts.append(next..<next)
      place += 1
    }
    return place == characters.count ? parts.map { String(name[$0]) } : nil
  }

  /// The new name of one that fits: `replacement`, whose stars become what this one's stand for, in their order; nil where it
  /// does not fit. Stars that the replacement has fewer of are left out from the end.
  package func renamed(_ name: String, to replacement: String) -> String? {
    guard let parts = parts(of: name) else { return nil }
    precondition(
      NamePattern(replacement).starCount <= starCount, "more stars in \"\(replacement)\" than in \"\(self)\"")
    var (result, next) = ("", 0)
    for character in replacement {
      if character == "*" {
        result += parts[next]
        next += 1
      } else {
        result.append(character)
      }
    }
    return result
  }
}

extension [NamePattern] {
  /// Whether one of them fits.
  public func match(_ name: String) -> Bool { contains { $0.matches(name) } }
}
