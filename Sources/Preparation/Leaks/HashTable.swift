/// Distinct hashes, of which 0 and 1 count as one, and which are their own places: open addressing with linear probing (Knuth, *The art of computer programming*
/// 3, section 6.4, algorithm L).
struct HashTable {
  /// 0: nothing is there.
  private var hashes: [UInt64]
  private(set) var count = 0

  /// With room for so many.
  init(capacity: Int) {
    var places = 16
    while places < 2 * capacity { places *= 2 }
    hashes = [UInt64](repeating: 0, count: places)
  }

  mutating func insert(_ hash: UInt64) {
    precondition(2 * count < hashes.count, "more than \(count) hashes")
    let place = place(of: hash)
    if hashes[place] == 0 { count += 1 }
    hashes[place] = max(hash, 1)
  }

  func contains(_ hash: UInt64) -> Bool { hashes[place(of: hash)] != 0 }

  /// Where a hash is, or would be.
  private func place(of hash: UInt64) -> Int {
    let (hash, last) = (max(hash, 1), hashes.count - 1)
    // High bits: low ones of sums are less well mixed.
    var place = Int(truncatingIfNeeded: hash >> 32) & last
    while hashes[place] != 0, hashes[place] != hash { place = (place + 1) & last }
    return place
  }
}
