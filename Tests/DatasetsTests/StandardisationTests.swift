import Datasets
import Diagnostics
import Tensors
import Testing

@Suite struct StandardisationTests {
  private static func table(_ values: [Float], width: Int) -> Dataset {
    Dataset(source: "table", shape: [width], features: .floats(values), targets: .none)
  }

  @Test func bytesPerFeature() {
    let data = Dataset(source: "bytes", shape: [3], features: .bytes([0, 7, 255, 4, 7, 0]), targets: .none)
    let standardisation = Standardisation(from: data, per: .feature)
    #expect(standardisation.means == [2, 7, 127.5])
    #expect(standardisation.deviations == [2, 0, 127.5])
    // A feature that never changes becomes zero.
    #expect(data.gathered([1, 0], standardisation) == [1, 0, -1, -1, 0, 1])
  }

  @Test func bytesPerChannel() {
    // Two pixels of two channels: the channel is the last axis.
    let data = Dataset(source: "image", shape: [2, 1, 2], features: .bytes([1, 10, 3, 30]), targets: .none)
    let standardisation = Standardisation(from: data, per: .channel)
    #expect((standardisation.means, standardisation.deviations) == ([2, 20], [1, 10]))
    #expect(data.gathered([0], standardisation) == [-1, -1, 1, 1])
  }

  @Test func byteSumsCarryBeyondOneBlock() {
    // Three blocks of 65536 rows of the largest value, and one zero.
    let rows = 3 << 16
    let values = [UInt8](repeating: 255, count: rows - 1) + [0]
    let data = Dataset(source: "bytes", shape: [1], features: .bytes(values), targets: .none)
    let standardisation = Standardisation(from: data, per: .feature)
    let p = Double(rows - 1) / Double(rows)
    #expect(standardisation.means == [Float(255 * p)])
    #expect(abs(Double(standardisation.deviations[0]) / (255 * (p * (1 - p)).squareRoot()) - 1) < 1e-7)
  }

  @Test func floatsPerFeature() {
    let data = Self.table([1, 0.1, -1, 0.1, 3, 0.1, 1, 0.1], width: 2)
    let standardisation = Standardisation(from: data, per: .feature)
    #expect(standardisation.means == [1, 0.1])
    #expect(standardisation.deviations == [Float(2.0.squareRoot()), 0])
    #expect(data.gathered([0], standardisation) == [0, 0])
  }

  /// Sums of 2500 samples follow the tree of their three blocks, written out here.
  @Test func floatSumsFollowTheTree() {
    let random = Philox(seed: 3, purpose: .data)
    let values = (0..<2500).map { Float(random.block(stream: 0, index: UInt64($0)).x.unitInterval * 1000) }
    func sum(_ term: (Float) -> Double) -> Double {
      let blocks = [0..<1024, 1024..<2048, 2048..<2500].map { values[$0].reduce(0) { $0 + term($1) } }
      return (blocks[0] + blocks[1]) + blocks[2]
    }
    let mean = Double(values[0]) + sum { Double($0) - Double(values[0]) } / 2500
    let deviation = (sum { (Double($0) - mean) * (Double($0) - mean) } / 2500).squareRoot()
    let standardisation = Standardisation(from: Self.table(values, width: 1), per: .feature)
    #expect((standardisation.means, standardisation.deviations) == ([Float(mean)], [Float(deviation)]))
  }

  /// Widths around the vectors' and the table's lengths, for both granularities, against the formula.
  @Test func everyWidthGivesTheFormulasBits() throws {
    for width in Array(1...70) + [127, 128, 129, 200, 257, 384] {
      let random = Philox(seed: UInt64(width), purpose: .data)
      let bytes = (0..<3 * width).map { UInt8(truncatingIfNeeded: random.block(stream: 0, index: UInt64($0)).x) }
      let floats = bytes.map { Float($0) / 7 }
      for channels in [1, 3, width] where width % channels == 0 {
        let shape: Shape = [width / channels, 1, channels]
        for features in [Dataset.Features.bytes(bytes), .floats(floats)] {
          let data = Dataset(source: "test", shape: shape, features: features, targets: .none)
          let raw = data.gathered([2, 0, 2])
          for granularity in Standardisation.Granularity.allCases {
            let standardisation = Standardisation(from: data, per: granularity)
            let entries = standardisation.means.count
            let expected = raw.enumerated().map { place, x in
              let entry = place % width % entries
              let deviation = standardisation.deviations[entry]
              return (x - standardisation.means[entry]) * (deviation == 0 ? 1 : 1 / deviation)
            }
            #expect(data.gathered([2, 0, 2], standardisation) == expected, "width \(width), \(granularity), \(shape)")
            let stored = try Standardisation(
              means: standardisation.means, deviations: standardisation.deviations, granularity: granularity)
            #expect(stored == standardisation)
          }
        }
      }
    }
  }

  @Test func tinyDeviationsDoNotOverflow() throws {
    let standardisation = try Standardisation(means: [0], deviations: [.leastNonzeroMagnitude], granularity: .channel)
    #expect(Self.table([1, 2], width: 1).gathered([0, 1], standardisation) == [1, 2])
  }

  @Test func storedNumbersAreChecked() {
    expectFailure(.badData, "as many deviations as means", "1 and 2") {
      try Standardisation(means: [0, 1], deviations: [1], granularity: .feature)
    }
    expectFailure(.badData, "finite means, found nan for feature 1") {
      try Standardisation(means: [0, .nan], deviations: [1, 1], granularity: .feature)
    }
    expectFailure(.badData, "0 or more, found -1.0 for channel 0") {
      try Standardisation(means: [0], deviations: [-1], granularity: .channel)
    }
    expectFailure(.badData, "table: expected samples of 3 features, as in the training data, found 2 (shape 2)") {
      try Standardisation(means: [0, 0, 0], deviations: [1, 1, 1], granularity: .feature)
        .check(fits: Self.table([1, 2], width: 2))
    }
  }
}
