import Datasets
import Goldens
import Tensors
import Testing

@testable import Augmentations

/// Every kind makes of samples what a script in NumPy makes of them, bit for bit: see Tests/Goldens/make-augmentations.py, which
/// compares its own with torchvision's.
@Suite struct GoldenAugmentationTests {
  private struct File: Decodable {
    struct Samples: Decodable {
      let shape: [Int]
      let isBytes: Bool
      let values: [UInt32]

      var dataset: Dataset {
        Dataset(
          source: "golden", shape: Shape(shape),
          features: isBytes ? .bytes(values.map { UInt8($0) }) : .floats(values.map { Float(bitPattern: $0) }),
          targets: .none)
      }
    }
    struct Case: Decodable {
      let name: String
      let data: String
      let augment: String
      let seed: UInt64
      let epoch: Int
      let samples: [Int]
      let expected: [UInt32]
      let shares: [UInt32]
    }
    let data: [String: Samples]
    let cases: [Case]
  }

  @Test func theBitsAreThoseOfTheFormulas() throws {
    let file = try golden("augmentations.json", as: File.self)
    #expect(file.cases.count > 45)
    var changed = 0
    for golden in file.cases {
      let data = file.data[golden.data]!.dataset
      let made = try augmenter(golden.augment, data, seed: golden.seed)
        .made(golden.samples, of: data, epoch: golden.epoch)
      let expected = golden.expected.map { Float(bitPattern: $0) }
      // Zeros may have either sign.
      let wrong = zip(made.features, expected).enumerated().first { $0.element.0 != $0.element.1 }
      #expect(
        made.features.count == expected.count && wrong == nil,
        "\(golden.name): number \(wrong?.offset ?? -1) is \(String(describing: wrong?.element))")
      #expect(made.shares == golden.shares.map { Float(bitPattern: $0) }, "\(golden.name)")
      // A negative control: what another epoch draws is something else, but where nothing is drawn.
      let other = try augmenter(golden.augment, data, seed: golden.seed)
        .made(golden.samples, of: data, epoch: golden.epoch + 1)
      if other.features != made.features { changed += 1 }
    }
    #expect(changed > file.cases.count / 2, "\(changed) of \(file.cases.count) differ in the next epoch")
  }
}
