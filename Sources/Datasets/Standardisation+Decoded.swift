import CKernels
import Tensors

// N samples, F features of a sample; entry: a feature or a channel, n numbers share one.
extension Standardisation {
  /// The samples that statistics of decoded ones are taken from: all where they are small or few; else so many that they are about
  /// 2²⁹ numbers, at least 4096, as far apart in their order: a billion decoded pixels would add no digit that matters.
  static func decodedSamples(count: Int, width: Int) -> [Int] {
    let most = max(4096, (1 << 29) / width)
    guard count > most else { return Array(0..<count) }
    return (0..<most).map { Int(UInt64($0) * UInt64(count) / UInt64(most)) }
  }

  /// One pass, as decoding is what takes the time: Σ(x - x₀) and Σ(x - x₀)² in double precision, block by block, then along the
  /// tree; the first sample x₀ is taken off, so that a feature that never changes has a deviation of exactly zero.
  static func statistics(of data: any DecodedSamples, entries: Int) -> ([Double], [Double]) {
    let width = data.shape.count
    let samples = decodedSamples(count: data.count, width: width)
    let sample = FlatBuffer(count: width)
    data.decode(samples[0], window: nil, into: sample.view.base)
    // Channels share x₀ of the first pixel, as they share a mean.
    let centre = (0..<width).map { Double(sample.view[$0 % entries]) }
    var fold = StreamingFold<[Double]> { zip($0, $1).map { $0 + $1 } }
    for start in stride(from: 0, to: samples.count, by: 1024) {
      var (sums, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
      for place in start..<min(start + 1024, samples.count) {
        data.decode(samples[place], window: nil, into: sample.view.base)
        ck_add_differences(sample.view.base, 1, width, centre, &sums)
        ck_add_squared_differences(sample.view.base, 1, width, centre, &squares)
      }
      // Entries are folded in each block, so that what is kept along the tree is small.
      fold.add(Self.fold(sums, entries) + Self.fold(squares, entries))
    }
    let total = fold.total ?? []
    let n = Double(samples.count * (width / entries))
    let shifts = (0..<entries).map { total[$0] / n }
    let deviations = (0..<entries).map { entry in
      max(0, total[entries + entry] / n - shifts[entry] * shifts[entry]).squareRoot()
    }
    return ((0..<entries).map { centre[$0] + shifts[$0] }, deviations)
  }
}
