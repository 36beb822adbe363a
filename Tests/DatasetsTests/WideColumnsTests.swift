import Datasets
import Diagnostics
import Testing

/// Numbers that floats are too short for are standardised before they are rounded.
@Suite struct WideColumnsTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func csv(_ text: String, wide: Set<Int>? = nil) throws -> Dataset {
    try Dataset.csv(folder.write(text), target: .none, wide: wide)
  }

  private static func floats(of data: Dataset) -> [Float]? {
    guard case .floats(let floats) = data.features else { return nil }
    return floats
  }

  @Test func timestamps() throws {
    let data = try csv("a,time\n1,1700000000\n3,1700000050\n1,1700000050\n3,1700000000\n")
    #expect(data.wide.values == [1: [1_700_000_000, 1_700_000_050, 1_700_000_050, 1_700_000_000]])
    let standardisation = Standardisation(from: data, per: .feature)
    #expect(standardisation.wideMeans == [1: 1_700_000_025] && standardisation.deviations == [1, 25])
    #expect(data.gathered([0, 1, 2, 3], standardisation) == [-1, -1, 1, 1, -1, 1, 1, -1])
    // One fresh row, which does not tell by itself that its numbers are wide, gets the same bits.
    let fresh = try csv("a,time\n3,1700000050\n", wide: Set(standardisation.wideMeans.keys))
    #expect(fresh.gathered([0], standardisation) == [1, 1])
    let kept = try Standardisation(
      means: standardisation.means, deviations: standardisation.deviations, granularity: .feature,
      wideRemainders: standardisation.wideRemainders)
    #expect(kept == standardisation)
    let other = try csv("a,time\n1,1700000001\n3,1700000050\n1,1700000050\n3,1700000000\n")
    #expect(data.checksum != other.checksum)
  }

  /// Numbers that floats hold, or nearly so, are computed with as floats: no bit differs.
  @Test func ordinaryColumns() throws {
    var text = "a,b,c,d\n"
    for row in 0..<100 { text += "\(16_777_216 + 2 * row),\(Double(row) * 0.1),0.1,\(1013.25 + Double(row) * 0.37)\n" }
    let data = try csv(text)
    #expect(data.wide == WideColumns())
    let floats = try #require(Self.floats(of: data))
    let bare = Dataset(source: "floats", shape: [4], features: .floats(floats), targets: .none)
    let standardisation = Standardisation(from: data, per: .feature)
    #expect(standardisation == Standardisation(from: bare, per: .feature) && standardisation.wideMeans.isEmpty)
    #expect(data.checksum == bare.checksum)
    #expect(data.gathered([7, 99], standardisation) == bare.gathered([7, 99], standardisation))
  }

  /// Sums go along the tree of blocks, and the mean is kept to the last of 48 bits.
  @Test func manyRows() throws {
    let rows = 2500
    let data = try csv("t,u\n" + (0..<rows).map { "\(1_700_000_000 + $0),\($0).5\n" }.joined())
    let standardisation = Standardisation(from: data, per: .feature)
    #expect(standardisation.wideMeans == [0: 1_700_000_000 + Double(rows - 1) / 2])
    let deviation = (Double(rows * rows - 1) / 12).squareRoot()
    #expect(standardisation.deviations[0] == Float(deviation))
    let found = data.gathered([0, rows - 1], standardisation)
    #expect(found[0] == -found[2] && abs(Double(found[2]) - Double(rows - 1) / 2 / deviation) < 1e-6)
  }

  @Test func wideNumbersThatAreStoredAreChecked() {
    expectFailure(.badData, "expected a finite remainder") {
      try Standardisation(means: [0], deviations: [1], granularity: .feature, wideRemainders: [0: .nan])
    }
    expectFailure(.badData, "expected a finite remainder") {
      try Standardisation(means: [0], deviations: [1], granularity: .feature, wideRemainders: [1: 0])
    }
  }
}
