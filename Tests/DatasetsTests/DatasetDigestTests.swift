import Tensors
import Testing

@testable import Datasets

@Suite struct DatasetDigestTests {
  private func digest(
    _ source: String = "a", _ shape: Shape = [2], _ features: Dataset.Features = .bytes([1, 2, 3, 4]),
    _ targets: Dataset.Targets = .classes([0, 1], names: ["n", "p"]), _ names: [String]? = ["x", "y"]
  ) -> Digest {
    Dataset(source: source, shape: shape, features: features, targets: targets, featureNames: names).digest
  }

  @Test func theFileDoesNotMatter() { #expect(digest() == digest("b")) }

  @Test func allElseDoes() {
    let digests = [
      digest(), digest("a", [1, 2]), digest("a", [2], .bytes([1, 2, 3, 5])), digest("a", [2], .floats([1, 2, 3, 4])),
      digest("a", [2], .bytes([1, 2, 3, 4]), .classes([1, 0], names: ["n", "p"])),
      digest("a", [2], .bytes([1, 2, 3, 4]), .classes([0, 1], names: ["n", "q"])),
      digest("a", [2], .bytes([1, 2, 3, 4]), .values([0, 1], width: 1)),
      digest("a", [2], .bytes([1, 2, 3, 4]), .none),
      digest("a", [2], .bytes([1, 2, 3, 4]), .classes([0, 1], names: ["n", "p"]), ["y", "x"]),
    ]
    #expect(Set(digests).count == digests.count)
  }
}
