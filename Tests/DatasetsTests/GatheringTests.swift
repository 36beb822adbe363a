import Datasets
import Tensors
import Testing

@Suite struct GatheringTests {
  private let data = Dataset(
    source: "test", shape: [2], features: .bytes([1, 2, 3, 4, 5, 6]), targets: .classes([0, 1, 0], names: ["a", "b"]))

  @Test func samplesComeInTheOrderAskedFor() {
    #expect(data.gathered([2, 0, 0]) == [5, 6, 1, 2, 1, 2])
    #expect(data.gathered([]) == [])
  }

  @Test func classes() {
    var classes = [Int32](repeating: -1, count: 3)
    [1, 1, 0].withUnsafeBufferPointer { samples in
      classes.withUnsafeMutableBufferPointer { data.gatherClasses(samples, into: $0) }
    }
    #expect(classes == [1, 1, 0])
    #expect(data.classNames == ["a", "b"])
  }

  @Test func twoClassesAreValues() {
    #expect(data.valueWidth == 1)
    #expect(values(data, [0, 1]) == [0, 1])
  }

  @Test func values() {
    let data = Dataset(
      source: "test", shape: [1], features: .floats([0, 0]), targets: .values([1, 2, 3, 4], width: 2))
    #expect(values(data, [1, 0, 1]) == [3, 4, 1, 2, 3, 4])
  }

  private func values(_ data: Dataset, _ samples: [Int]) -> [Float] {
    let buffer = FlatBuffer(count: samples.count * (data.valueWidth ?? 0))
    samples.withUnsafeBufferPointer { data.gatherValues($0, into: buffer.view) }
    return buffer.view.array
  }
}
