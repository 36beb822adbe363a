/// Finds the key that occurs most often, by counting how many begin with which bits: what cannot hold one that is more frequent
/// than the best so far is passed over.
struct ModeSearch {
  /// Keys that are held at a time, at most.
  private let most: Int
  private let pass: RadixSelection.Pass
  private var best = (key: UInt64(0), count: 0)

  init(holding most: Int, _ pass: @escaping RadixSelection.Pass) { (self.most, self.pass) = (most, pass) }

  /// Of `count` keys, at least one; the smallest of several.
  mutating func mode(of count: Int) -> UInt64 {
    search(prefix: 0, depth: 0, count: count)
    return best.key
  }

  /// Looks at the keys that begin with `depth` bits, `count` of them.
  private mutating func search(prefix: UInt64, depth: Int, count: Int) {
    guard count > best.count else { return }
    if depth == 64 {
      best = (prefix, count)
      return
    }
    let (width, shift) = (1 << 16, UInt64(48 - depth))
    var counts = [Int](repeating: 0, count: width)
    pass { keys in
      for key in keys where Self.has(key, prefix, depth) {
        counts[Int(truncatingIfNeeded: key >> shift) & (width - 1)] += 1
      }
    }
    // From the smallest keys on, so that the first of several stays.
    var bin = 0
    while bin < width {
      if counts[bin] > most {
        search(prefix: prefix << 16 | UInt64(bin), depth: depth + 16, count: counts[bin])
        bin += 1
        continue
      }
      var (end, held, wanted) = (bin, 0, [Bool](repeating: false, count: width))
      while end < width, counts[end] <= most, held + counts[end] <= most {
        if counts[end] > best.count {
          wanted[end] = true
          held += counts[end]
        }
        end += 1
      }
      if held > 0 { countRuns(prefix, depth, wanted, held) }
      bin = end
    }
  }

  /// Sorts the keys of some bins, and counts equal ones.
  private mutating func countRuns(_ prefix: UInt64, _ depth: Int, _ wanted: [Bool], _ count: Int) {
    let shift = UInt64(48 - depth)
    var held: [UInt64] = []
    held.reserveCapacity(count)
    pass { keys in
      for key in keys
      where Self.has(key, prefix, depth) && wanted[Int(truncatingIfNeeded: key >> shift) & (wanted.count - 1)] {
        held.append(key)
      }
    }
    held.sort()
    var start = 0
    for place in 1...held.count where place == held.count || held[place] != held[start] {
      if place - start > best.count { best = (held[start], place - start) }
      start = place
    }
  }

  private static func has(_ key: UInt64, _ prefix: UInt64, _ depth: Int) -> Bool {
    depth == 0 || key >> UInt64(64 - depth) == prefix
  }
}
