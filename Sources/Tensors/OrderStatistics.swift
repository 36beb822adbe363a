// What numbers would be at places of all if they were sorted, without sorting them.

extension Statistics {
  /// The numbers at `ranks` (ascending, from 0) of all when they are sorted; those that are equal in the order that they come in.
  package static func numbers(
    at ranks: [Int], of numbers: NumberStream, holding most: Int = RadixSelection.usualHold
  ) -> [Double] {
    let found = RadixSelection(holding: most).keys(at: ranks, of: numbers.count, keys(of: numbers))
    let values = found.map { RadixKey.number($0.key) }
    guard values.contains(0) else { return values }
    // Zeros have two signs, and are equal.
    let zeros = zip(ranks, found).map { $0 - $1.smaller }
    let signed = self.zeros(zip(zeros, values).filter { $1 == 0 }.map { $0.0 }, of: numbers)
    return zip(zeros, values).map { $1 == 0 ? signed[$0]! : $1 }
  }

  /// The most frequent number, the smallest of several.
  package static func mode(_ numbers: NumberStream, holding most: Int = 1 << 22) -> Double {
    var search = ModeSearch(holding: most, keys(of: numbers))
    let mode = RadixKey.number(search.mode(of: numbers.count))
    return mode == 0 ? zeros([0], of: numbers)[0]! : mode
  }

  /// The zeros at `places` (ascending) of all zeros, as they were written: 0 or -0.
  private static func zeros(_ places: [Int], of numbers: NumberStream) -> [Int: Double] {
    var (found, seen): ([Int: Double], Int) = ([:], 0)
    let wanted = Set(places)
    numbers.forEachBlock { block in
      for number in block where number == 0 {
        if wanted.contains(seen) { found[seen] = number }
        seen += 1
      }
    }
    return found
  }

  private static func keys(of numbers: NumberStream) -> RadixSelection.Pass {
    { body in
      var keys: [UInt64] = []
      numbers.forEachBlock { block in
        keys.removeAll(keepingCapacity: true)
        for number in block { keys.append(RadixKey.key(number)) }
        keys.withUnsafeBufferPointer(body)
      }
    }
  }
}

/// Whole numbers that are in the order of what they stand for.
package enum RadixKey {
  /// Of a number that is one; both zeros have the same.
  package static func key(_ number: Double) -> UInt64 {
    let bits = (number + 0).bitPattern  // -0 + 0 = 0
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }
  package static func number(_ key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
  }

  package static func key(_ number: Int64) -> UInt64 { UInt64(bitPattern: number) ^ 1 << 63 }
  package static func integer(_ key: UInt64) -> Int64 { Int64(bitPattern: key ^ 1 << 63) }
}
