/// Finds which of many keys would stand at some places if all were sorted, by counting how many begin with which bits: a few
/// passes over them, each of which narrows the ranges that the places lie in, and sorts only what is left in these.
package struct RadixSelection {
  /// Gives all keys, block by block; the same each time.
  package typealias Pass = (_ body: (UnsafeBufferPointer<UInt64>) -> Void) -> Void

  /// Keys that are sorted at last, at most, unless they are the same ones.
  private let most: Int
  /// Counters of a pass, at most.
  private static let counters = 1 << 20

  package static let usualHold = 1 << 12

  package init(holding most: Int = usualHold) { self.most = most }

  /// Keys that begin with the same bits, among which there are some of the places.
  private struct Interval {
    var prefix: UInt64
    /// How many keys are below it, and in it.
    var smaller: Int
    var count: Int
    /// Which of the ranks.
    var ranks: Range<Int>
  }

  /// The keys at `ranks` (ascending, below `count`), and how many are smaller than each.
  package func keys(at ranks: [Int], of count: Int, _ pass: Pass) -> [(key: UInt64, smaller: Int)] {
    precondition(zip(ranks, ranks.dropFirst()).allSatisfy { $0 <= $1 }, "ranks are ascending")
    precondition(ranks.allSatisfy { (0..<count).contains($0) }, "ranks are below \(count)")
    guard !ranks.isEmpty else { return [] }
    var intervals = [Interval(prefix: 0, smaller: 0, count: count, ranks: ranks.indices)]
    var depth = 0
    while depth < 64, intervals.reduce(0, { $0 + $1.count }) > most {
      let room = (Self.counters / intervals.count).bitWidth - 1 - (Self.counters / intervals.count).leadingZeroBitCount
      let bits = min(16, 64 - depth, max(1, room))
      intervals = narrowed(intervals, depth, bits, ranks, pass)
      depth += bits
    }
    if depth == 64 {
      return intervals.flatMap { one in one.ranks.map { _ in (key: one.prefix, smaller: one.smaller) } }
    }
    return sorted(intervals, depth, ranks, pass)
  }

  /// The parts of intervals that hold ranks, by the next bits.
  private func narrowed(
    _ intervals: [Interval], _ depth: Int, _ bits: Int, _ ranks: [Int], _ pass: Pass
  ) -> [Interval] {
    let (lookup, width, shift) = (Lookup(intervals.map(\.prefix), depth), 1 << bits, 64 - depth - bits)
    var counts = [Int](repeating: 0, count: intervals.count * width)
    counts.withUnsafeMutableBufferPointer { counts in
      pass { keys in
        for key in keys {
          let place = lookup.place(of: key)
          if place >= 0 { counts[place * width + Int(truncatingIfNeeded: key >> UInt64(shift)) & (width - 1)] += 1 }
        }
      }
    }
    var next: [Interval] = []
    for (place, interval) in intervals.enumerated() {
      var (smaller, rank) = (interval.smaller, interval.ranks.lowerBound)
      for bin in 0..<width where rank < interval.ranks.upperBound {
        let (count, first) = (counts[place * width + bin], rank)
        while rank < interval.ranks.upperBound, ranks[rank] < smaller + count { rank += 1 }
        if rank > first {
          let prefix = interval.prefix << UInt64(bits) | UInt64(bin)
          next.append(Interval(prefix: prefix, smaller: smaller, count: count, ranks: first..<rank))
        }
        smaller += count
      }
    }
    return next
  }

  /// What sorting the keys of each interval gives.
  private func sorted(
    _ intervals: [Interval], _ depth: Int, _ ranks: [Int], _ pass: Pass
  ) -> [(key: UInt64, smaller: Int)] {
    let lookup = Lookup(intervals.map(\.prefix), depth)
    var held = intervals.map { interval in
      var keys: [UInt64] = []
      keys.reserveCapacity(interval.count)
      return keys
    }
    pass { keys in
      for key in keys {
        let place = lookup.place(of: key)
        if place >= 0 { held[place].append(key) }
      }
    }
    return zip(intervals, held.indices).flatMap { interval, place in
      held[place].sort()
      return interval.ranks.map { rank in
        let key = held[place][ranks[rank] - interval.smaller]
        return (key: key, smaller: interval.smaller + held[place].firstIndex(of: key)!)
      }
    }
  }
}

/// Finds the interval of a key by its first bits.
private struct Lookup {
  private let prefixes: [UInt64]
  private let shift: UInt64
  /// For the first 16 bits, the first interval that does not lie below them.
  private let starts: [Int32]

  /// `prefixes` are ascending, and of `depth` bits each: 0, or 16 at least.
  init(_ prefixes: [UInt64], _ depth: Int) {
    (self.prefixes, shift) = (prefixes, UInt64(64 - depth))
    guard depth > 0 else {
      starts = []
      return
    }
    var (starts, place) = ([Int32](), 0)
    for head in 0...UInt64(1 << 16) {
      while place < prefixes.count, prefixes[place] >> UInt64(depth - 16) < head { place += 1 }
      starts.append(Int32(place))
    }
    self.starts = starts
  }

  /// -1 where it is in none.
  @inline(__always)
  func place(of key: UInt64) -> Int {
    guard !starts.isEmpty else { return 0 }
    let head = Int(truncatingIfNeeded: key >> 48)
    var (low, high) = (Int(starts[head]), Int(starts[head + 1]))
    guard low < high else { return -1 }
    let prefix = key >> shift
    while high - low > 1 {
      let middle = (low + high) / 2
      if prefixes[middle] <= prefix { low = middle } else { high = middle }
    }
    return prefixes[low] == prefix ? low : -1
  }
}
