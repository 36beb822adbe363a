import Testing

@testable import Tensors

/// Statistics of numbers that come in blocks are those of sorted arrays, bit for bit.
@Suite struct OrderStatisticsTests {
  /// Numbers of many kinds: few different ones, all different ones, zeros of both signs, the extremes.
  static let samples: [[Double]] = {
    let random = Philox(seed: 7, purpose: .data)
    func words(_ count: Int) -> [UInt64] {
      (0..<count).map { place in
        let block = random.block(stream: UInt64(count), index: UInt64(place))
        return UInt64(block.x) << 32 | UInt64(block.y)
      }
    }
    let odd = [0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1, -1, .greatestFiniteMagnitude, -1e300, 0.0]
    return [
      [5], [0, -0.0], [-0.0, 0, -0.0, 0], [Double](repeating: 2.5, count: 3000), odd,
      words(3000).map { Double($0 % 7) - 3 }, words(5000).map { Double($0) * 0x1p-60 - 7 },
      words(4000).map { Double(bitPattern: $0) }.filter(\.isFinite),
      words(2001).map { odd[Int($0 % UInt64(odd.count))] },
      (0..<4000).map { 1 + Double($0 / 3) * 0x1p-52 },
    ]
  }()

  /// The same numbers in blocks of `size`.
  private func stream(_ numbers: [Double], blocks size: Int) -> NumberStream {
    NumberStream(count: numbers.count, first: numbers.first) { body in
      for start in stride(from: 0, to: numbers.count, by: size) {
        Array(numbers[start..<min(start + size, numbers.count)]).withUnsafeBufferPointer(body)
      }
    }
  }

  private func bits(_ numbers: [Double]) -> [UInt64] { numbers.map(\.bitPattern) }

  @Test(arguments: samples.indices) func order(_ sample: Int) {
    let numbers = Self.samples[sample]
    let (sorted, count) = (numbers.sorted(), numbers.count)
    let ranks = [Array(0..<count), [0], [count / 2], [0, count / 3, count - 1], [count / 2, count / 2]]
    for (place, own) in ranks.enumerated() {
      for hold in [1, 40, 1 << 16] {
        let found = Statistics.numbers(at: own, of: stream(numbers, blocks: 700), holding: hold)
        #expect(bits(found) == bits(own.map { sorted[$0] }), "ranks \(place), holding \(hold)")
      }
    }
    let shares = [0, 0.01, 0.25, 0.5, 0.9, 1]
    let found = Statistics.quantiles(shares, of: stream(numbers, blocks: 64))
    #expect(bits(found) == bits(shares.map { Statistics.quantile($0, of: count) { sorted[$0] } }))
    // By runs of sorted numbers.
    var (best, start) = ((number: sorted[0], count: 0), 0)
    for place in 1...count where place == count || sorted[place] != sorted[start] {
      if place - start > best.count { best = (sorted[start], place - start) }
      start = place
    }
    for hold in [1, 100, 1 << 22] {
      let mode = Statistics.mode(stream(numbers, blocks: 1000), holding: hold)
      #expect(mode.bitPattern == best.number.bitPattern, "holding \(hold)")
    }
  }

  @Test(arguments: samples.indices) func sums(_ sample: Int) {
    let numbers = Self.samples[sample].filter { abs($0) < 1e100 }
    // Sums of 1024 each, and along the tree.
    func sum(_ term: (Double) -> Double) -> Double {
      let blocks = stride(from: 0, to: numbers.count, by: 1024).map { start in
        numbers[start..<min(start + 1024, numbers.count)].reduce(0) { $0 + term($1) }
      }
      return pairwiseFold(blocks, +) ?? 0
    }
    let n = Double(numbers.count), first = numbers[0]
    let mean = first + sum { $0 - first } / n
    let deviation = (sum { ($0 - mean) * ($0 - mean) } / n).squareRoot()
    for size in [1, 7, 1024, 4096] {
      let stream = stream(numbers, blocks: size)
      #expect(Statistics.moments(stream) == (mean, deviation))
      let range = Statistics.range(of: stream)
      #expect(range?.least == numbers.min() && range?.largest == numbers.max())
    }
    #expect(Statistics.moments(NumberStream([])) == (0, 0) && Statistics.range(of: NumberStream([])) == nil)
  }

  @Test func streams() {
    var found: [Double] = []
    let stream = NumberStream([3, 1, 2]).map { 2 * $0 }.followed(by: 7, times: 10_000)
    for _ in 0..<2 { stream.forEachBlock { found += $0 } }
    let once = [6, 2, 4] + [Double](repeating: 7, count: 10_000)
    #expect(found == once + once && stream.count == once.count && stream.first == 6)
    #expect(NumberStream([]).followed(by: 1, times: 0).isEmpty)
    #expect(NumberStream([]).followed(by: 1, times: 2).first == 1)
  }

  @Test func keysKeepTheOrder() {
    let numbers = Self.samples.joined().sorted()
    let keys = numbers.map(RadixKey.key)
    #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(keys.map(RadixKey.number) == numbers)
    let integers: [Int64] = [.min, -5, 0, 7, .max]
    #expect(integers.map(RadixKey.key).map(RadixKey.integer) == integers)
    #expect(integers.map(RadixKey.key) == integers.map(RadixKey.key).sorted())
  }
}
