import CKernels

/// The order of the samples in an epoch: a keyed pseudo-random permutation of 0..<count, evaluated at any index in
/// constant memory.
///
/// A balanced Feistel network over the smallest even number of bits that holds `count`, with cycle walking for values
/// outside of it. Position in the data is therefore the step number alone; a resumed run needs no sampler state.
/// Black, Rogaway: *Ciphers with arbitrary finite domains* (CT-RSA 2002).
package struct EpochPermutation: Sendable {
  package let count: Int
  private let halfBits: UInt32
  private let epoch: UInt32
  private let random: Philox

  /// Six rounds: four suffice against a distinguisher, the rest is margin for small halves.
  private static let rounds: UInt32 = 6

  /// The order of epoch `epoch` (from 0) of `count` samples under `seed`.
  package init(count: Int, seed: UInt64, epoch: Int) {
    precondition(count > 0 && count <= 1 << 62, "count must be in 1...2^62, found \(count)")
    self.count = count
    let bits = UInt32(max(2, Int.bitWidth - (count - 1).leadingZeroBitCount))
    halfBits = (bits + 1) / 2
    self.epoch = UInt32(truncatingIfNeeded: epoch)
    random = Philox(seed: seed, purpose: .order)
  }

  /// The sample at `position` of the epoch; both in 0..<count.
  package subscript(position: Int) -> Int {
    var sample = 0
    withUnsafeMutablePointer(to: &sample) { fill(UnsafeMutableBufferPointer(start: $0, count: 1), from: position) }
    return sample
  }

  /// Overwrites `samples` with the samples at the positions from `first` on; several times faster than one by one.
  package func fill(_ samples: UnsafeMutableBufferPointer<Int>, from first: Int) {
    guard let base = samples.baseAddress, !samples.isEmpty else { return }
    precondition(
      first >= 0 && first <= count - samples.count, "\(samples.count) positions from \(first) on, of \(count)")
    for place in samples.indices { samples[place] = first + place }
    base.withMemoryRebound(to: UInt64.self, capacity: samples.count) { values in
      ck_permute(
        values, samples.count, UInt64(count), Int32(Self.rounds), halfBits, epoch, random.key.x, random.key.y)
    }
  }
}
