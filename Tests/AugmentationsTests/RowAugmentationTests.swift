import Datasets
import Tensors
import Testing

@testable import Augmentations

/// Noise and swaps of tables, masks of texts.
@Suite struct RowAugmentationTests {
  /// Columns of deviations 1, 10 and 0, a place of a word, and a column of two features.
  private let rows: Dataset = {
    var floats: [Float] = []
    for row in 0..<40 {
      let sign: Float = row % 2 == 0 ? -1 : 1
      floats += [sign, 10 * sign, 5, Float(row % 3), Float(row), Float(100 + row)]
    }
    return Dataset(
      source: "rows", shape: [6], features: .floats(floats), targets: .none,
      featureNames: ["a", "b", "constant", "word", "pair 1", "pair 2"],
      ends: NetworkEnds(embeddings: [EmbeddedColumn(name: "word", feature: 3, rows: 3, dimensions: 2)]))
  }()

  private var training: TrainingSamples {
    TrainingSamples(
      rows, columns: [("a", 0..<1), ("b", 1..<2), ("constant", 2..<3), ("word", 3..<4), ("pair", 4..<6)])
  }

  private func made(_ yaml: String, epochs: Int = 100) throws -> [[Float]] {
    let list = try Augmenter(augmentations(yaml), training: training, seed: 1, mixing: nil)!
    return (0..<epochs).flatMap { epoch in
      let all = list.made(Array(0..<40), of: rows, epoch: epoch).features
      return (0..<40).map { Array(all[$0 * 6..<($0 + 1) * 6]) }
    }
  }

  @Test func noiseIsInDeviationsOfEachColumn() throws {
    let found = try made("[{noise: 0.5}]")
    let before = rows.gathered()
    guard case .floats(let plain) = before.features else { return }
    for (column, deviation) in [(0, 0.5), (1, 5.0), (2, 0.0), (3, 0.0)] {
      let differences = found.enumerated().map { Double($1[column] - plain[$0 % 40 * 6 + column]) }
      let root = (differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)).squareRoot()
      // Of 4000 numbers the root is off by 1.1 %.
      #expect(abs(root - deviation) <= 0.05 * deviation, "column \(column): \(root)")
    }
    let named = try made("[{noise: {deviation: 0.5, columns: [b]}}]", epochs: 2)
    #expect(named.allSatisfy { abs($0[0]) == 1 && $0[2] == 5 } && named.contains { abs($0[1]) != 10 })
    let word = failure { _ = try made("[{noise: {columns: [word]}}]") }
    #expect(word?.description.contains("found 'word', whose features are places of words") == true)
  }

  /// Of a class, of a missing value, of yes and no: a half would be nothing that a row can have.
  @Test func noiseLeavesFlagsAsTheyAre() throws {
    var floats: [Float] = []
    for row in 0..<40 {
      let sex: [Float] = row % 2 == 0 ? [1, 0] : [0, 1]
      floats += [Float(row), row % 5 == 0 ? 1 : 0] + sex
    }
    let data = Dataset(source: "rows", shape: [4], features: .floats(floats), targets: .none)
    let training = TrainingSamples(data, columns: [("age", 0..<2), ("sex", 2..<4)])
    let list = try Augmenter(augmentations("[noise]"), training: training, seed: 1, mixing: nil)!
    let found = list.made(Array(0..<40), of: data, epoch: 0).features
    for place in floats.indices { #expect((found[place] != floats[place]) == (place % 4 == 0), "\(place)") }
    let named = failure {
      _ = try Augmenter(augmentations("[{noise: {columns: [sex]}}]"), training: training, seed: 1, mixing: nil)
    }
    #expect(named?.description.contains("expected columns of numbers, found 'sex', whose features are 0 or 1") == true)
  }

  @Test func swapsTakeAColumnsFeaturesTogether() throws {
    let found = try made("[{swap: 0.3}]")
    #expect(found.allSatisfy { $0[5] == $0[4] + 100 }, "both features of the pair are those of one row")
    #expect(found.allSatisfy { (0...2).contains($0[3]) && $0[2] == 5 && abs($0[1]) == 10 })
    let swapped = found.enumerated().count { $1[4] != Float($0 % 40) }
    // 4000 rows, 0.3 of them, and one in 40 gets its own back: 1170 ± 29.
    #expect(abs(swapped - 1170) < 150, "\(swapped)")
    let named = try made("[{swap: {probability: 1, columns: [pair]}}]", epochs: 3)
    #expect(named.enumerated().allSatisfy { $1[3] == Float($0 % 40 % 3) })
    #expect(named.contains { $0[4] == 0 } && named.contains { $0[4] == 39 })
  }

  @Test func tokensAreMasked() throws {
    let tokens = (0..<1001).map { Int32($0 % 4) }
    let text = Dataset(
      source: "text", shape: [10], features: .windows(TokenWindows(tokens: tokens, length: 10, stride: 10)),
      targets: .following(names: ["a", "b", "c", "d", "_"]))
    let named = try augmenter("[{mask-tokens: {probability: 0.25, token: _}}]", text)
      .made(Array(0..<100), of: text).features
    let masked = named.enumerated().filter { $0.element == 4 }.count
    #expect(abs(masked - 250) < 5 * 14, "\(masked)")
    #expect(named.enumerated().allSatisfy { $1 == 4 || $1 == Float(tokens[$0]) })
    // Texts of one target are rows with padding behind them, which stays.
    let short = Dataset(
      source: "texts", shape: [6], features: .floats([5, 3, 4, 2, 0, 0]), targets: .values([1], width: 1),
      ends: NetworkEnds(tokens: TokenAlphabet(count: 7, padding: 0)))
    let samples = TrainingSamples(short)
    func made(_ yaml: String, _ epoch: Int) throws -> [Float] {
      try Augmenter(augmentations(yaml), training: samples, seed: 1, mixing: nil)!.made([0], of: short, epoch: epoch)
        .features
    }
    #expect(try made("[{drop-tokens: 1}]", 0) == [0, 0, 0, 0, 0, 0])
    #expect(try made("[{mask-tokens: {probability: 1, token: 6}}]", 0) == [6, 6, 6, 6, 0, 0])
    var kept = [Int](repeating: 0, count: 5)
    for epoch in 0..<1000 {
      let text = try made("[{drop-tokens: 0.3}]", epoch).filter { $0 != 0 }
      #expect(text == [5, 3, 4, 2].filter { text.contains($0) }, "in their order")
      kept[text.count] += 1
    }
    // Binomial: 0.7⁴ of all are whole, 240 ± 14.
    #expect(abs(kept[4] - 240) < 5 * 14, "\(kept)")
    let drawn = try augmenter("[{mask-tokens: 1}]", text).made(Array(0..<100), of: text).features
    for token in 0..<5 { #expect(abs(drawn.count { $0 == Float(token) } - 200) < 5 * 13) }
  }
}
