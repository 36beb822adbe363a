import Datasets
import Tensors
import Testing

@testable import Augmentations

/// Lists of augmentations, bound to samples.
@Suite struct AugmenterTests {
  /// A sample becomes the same wherever it stands in a micro-batch, and whoever stands beside it.
  @Test func samplesDoNotDependOnTheirPlace() throws {
    let data = pictures([6, 5, 3])
    let list = try augmenter("[random-crop, flip, rand-augment, {noise: 0.2}, cut-out]", data)
    let together = list.made([4, 1, 3], of: data, epoch: 2).features
    for (row, sample) in [4, 1, 3].enumerated() {
      #expect(list.made([sample], of: data, epoch: 2).features == Array(together[row * 90..<(row + 1) * 90]))
    }
    #expect(list.made([4, 1, 3], of: data, epoch: 3).features != together)
    #expect(try augmenter("[random-crop, flip]", data, seed: 2).made([1], of: data).features.count == 90)
  }

  /// The same kind twice draws otherwise each time.
  @Test func eachPlaceInTheListHasDrawsOfItsOwn() throws {
    let data = pictures([6, 5, 3])
    let records = [DrawRecord()]
    _ = try augmenter("[rotate, rotate]", data).made([0], of: data, records: records)
    let angles = records[0].entries.map { $0.values[0].value }
    #expect(angles.count == 2 && angles[0] != angles[1])
  }

  /// Each with the one before it as that was, the first with the last; alone, a sample stays as it is.
  @Test func neighboursAreMixed() throws {
    let data = pictures([4, 4, 1])
    guard case .floats(let all) = data.features else { return }
    let list = try augmenter("[mixup]", data)
    let (features, shares) = list.made([5, 2, 0], of: data)
    #expect(shares.allSatisfy { $0 > 0 && $0 < 1 })
    for (row, (own, other)) in [(5, 0), (2, 5), (0, 2)].enumerated() {
      for place in 0..<16 {
        let expected = shares[row] * all[own * 16 + place] + (1 - shares[row]) * all[other * 16 + place]
        #expect(features[row * 16 + place] == expected)
      }
    }
    let alone = list.made([5], of: data)
    #expect(alone.shares == [1] && alone.features == Array(all[80..<96]))
    // Of several, one mixes a sample.
    let many = pictures([4, 4, 1], count: 200)
    let records = (0..<200).map { _ in DrawRecord() }
    let made = try augmenter("[{mixup: {alpha: 1, probability: 0.5}}, cutmix]", many)
      .made(Array(0..<200), of: many, records: records)
    let mixed = records.count { $0.entries[0].values.count == 1 }
    #expect((60...140).contains(mixed) && records.allSatisfy { $0.entries.count <= 2 })
    #expect(records.allSatisfy { ($0.entries.count == 1) == ($0.entries[0].values.count == 1) })
    #expect(made.shares.allSatisfy { (0...1).contains($0) })
  }

  @Test func mixersStandLast() throws {
    let failed = failure { _ = try augmenter("[mixup, flip]", pictures([4, 4, 1])) }
    #expect(
      failed?.description
        == "run.yaml:1: augment.1.flip: expected it before mixup, which mixes samples as they come out of all others, "
        + "found it behind; move mixup to the end of the list", "\(failed as Any)")
    #expect(failed?.code == .badConfiguration)
  }

  /// What is nothing for samples says so before training, with what they are and what there is for them.
  @Test func misfits() throws {
    let rows = Dataset(source: "rows", shape: [3], features: .floats([1, 2, 3]), targets: .none)
    let sequences = Dataset(source: "sounds", shape: [2, 3], features: .floats([1, 2, 3, 4, 5, 6]), targets: .none)
    let text = Dataset(
      source: "text", shape: [2], features: .windows(TokenWindows(tokens: [0, 1, 0, 1], length: 2, stride: 1)),
      targets: .following(names: ["a", "b"]))
    let cases: [(String, Dataset, String)] = [
      (
        "[flip]", rows,
        "expected pictures (height×width×channels), found rows of 3 columns; leave it out; noise and swap"
      ),
      ("[random-crop]", sequences, "expected pictures (height×width×channels), found sequences of 2×3"),
      ("[swap]", pictures([4, 4, 1]), "expected rows of a table, found pictures of 4×4×1"),
      ("[spec-augment]", rows, "expected spectrograms (time×frequencies), found rows of 3 columns"),
      ("[noise]", text, "found texts of 2 tokens; leave it out; mask-tokens and drop-tokens are for"),
      ("[mixup]", text, "expected samples of numbers, which can be mixed, found places in a vocabulary"),
      ("[mask-tokens]", rows, "expected texts, found rows of 3 columns"),
      ("[{mask-tokens: {token: c}}]", text, "expected a token of the vocabulary, or its place in it, found 'c'"),
      ("[drop-tokens]", text, "expected texts of one target, with padding behind short ones, found texts of 2 tokens"),
      ("[{swap: {columns: [x]}}]", rows, "expected columns of the data, found 'x'"),
      ("[grey]", pictures([4, 4, 1]), "expected pictures of 3 channels, found pictures of 4×4×1"),
      ("[{colour-jitter: {hue: 0.1}}]", pictures([4, 4, 1]), "expected pictures of 3 channels"),
      ("[{blur: 9}]", pictures([4, 4, 1]), "expected pictures of more than 4 rows and columns for a kernel of 9"),
    ]
    for (yaml, data, expected) in cases {
      let failed = failure { _ = try augmenter(yaml, data) }
      #expect(failed?.description.hasPrefix("run.yaml:1: augment.0") == true, "\(failed as Any)")
      #expect(failed?.description.contains(expected) == true, "\(failed as Any)")
    }
    let dark = Dataset(source: "x", shape: [1, 1, 1], features: .floats([0.5, -3]), targets: .none)
    let range = failure { _ = try augmenter("[flip]", dark) }
    #expect(range?.description.contains("expected pictures whose floats are 0…1, found -3.0 in sample 1") == true)
  }

  @Test(arguments: [
    ("[{flip: diagonal}]", "expected one of horizontal, vertical, found diagonal"),
    ("[{random-resized-crop: {scale: [0.9, 0.2]}}]", "expected two numbers, the lower one first, found 0.9, 0.2"),
    ("[{random-resized-crop: {scale: [0.9]}}]", "expected two numbers"),
    ("[{blur: 4}]", "expected an odd number of pixels, found 4; 5 would do"),
    ("[{rand-augment: {magnitude: 31}}]", "expected one of 31 strengths, from 0 to 30, found 31"),
    ("[{colour-jitter: {brightness: 0, contrast: 0}}]", "expected one of brightness, contrast, saturation and hue"),
    ("[{shift: 0}]", "expected frames to move by, found 0"),
    ("[flop]", "did you mean flip?"),
  ])
  func badSettings(yaml: String, expected: String) {
    let failed = failure { _ = try augmentations(yaml) }
    #expect(failed?.description.contains(expected) == true, "\(failed as Any)")
    #expect(failed?.code == .badConfiguration)
  }
}
