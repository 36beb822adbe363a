import Datasets
import Files
import Foundation
import Tensors
import Testing

/// Features and targets in files give what the same ones in memory give, bit for bit.
@Suite struct MappedTests {
  /// The numbers of `values`, in a file of their own that goes with the folder.
  private func mapped<Element: ArrayElement>(
    _ values: [Element], in folder: TemporaryFolder, largeFrom limit: Int = 1 << 29
  ) throws -> MappedArray<Element> {
    let writer = try ArrayWriter<Element>("\(folder.path)/\(UUID().uuidString).npy")
    try writer.append(contentsOf: values)
    _ = try writer.finish()
    return try MappedArray(writer.path, largeFrom: limit)
  }

  private func floats(_ count: Int) -> [Float] {
    (0..<count).map { Float($0 * 7919 % 1013) / 8 - Float($0 % 3) * 0x1p-20 }
  }

  /// From memory, and read as large files are.
  @Test(arguments: [1, 2, 1023, 1025, 50_000], [1 << 29, 0]) func sameBits(_ rows: Int, largeFrom limit: Int) throws {
    let folder = try TemporaryFolder()
    let (values, width) = (floats(3 * rows), 3)
    let classes = (0..<rows).map { Int32($0 % 2) }
    let features: [Dataset.Features] = [.floats(values), .mapped(try mapped(values, in: folder, largeFrom: limit))]
    let targets: [[Dataset.Targets]] = [
      [
        .classes(classes, names: ["a", "b"]),
        .mappedClasses(try mapped(classes, in: folder, largeFrom: limit), names: ["a", "b"]),
      ],
      [.values(values, width: width), .mappedValues(try mapped(values, in: folder, largeFrom: limit), width: width)],
    ]
    let samples = [0, rows - 1, rows / 2, min(rows / 2 + 1, rows - 1), 0]
    for pair in targets {
      let data = zip(features, pair).map { Dataset(source: "s", shape: [3], features: $0, targets: $1) }
      #expect(data[0].count == rows && data[1].count == rows)
      #expect(data[0].checksum == data[1].checksum)
      #expect(data[0].gathered(samples) == data[1].gathered(samples))
      let scales = data.map { Standardisation(from: $0, per: .feature) }
      #expect(scales[0] == scales[1])
      #expect(data[0].gathered(samples, scales[0]) == data[1].gathered(samples, scales[0]))
      let (own, others) = (gatheredTargets(data[0], samples), gatheredTargets(data[1], samples))
      #expect(own == others && own.count == samples.count * (data[0].valueWidth ?? 0))
    }
    let data = Dataset(source: "s", shape: [3], features: features[1], targets: targets[0][1])
    var found = [Int32](repeating: -1, count: samples.count)
    samples.withUnsafeBufferPointer { samples in
      found.withUnsafeMutableBufferPointer { data.gatherClasses(samples, into: $0) }
    }
    #expect(found == samples.map { classes[$0] } && data.classNames == ["a", "b"])
    // Another number is noticed.
    var others = values
    others[rows] += 1
    let changed = Dataset(
      source: "s", shape: [3], features: .mapped(try mapped(others, in: folder, largeFrom: limit)),
      targets: targets[0][1])
    #expect(changed.checksum != data.checksum || rows == 0)
  }

  @Test func weights() throws {
    let values = floats(3000).map { abs($0) }
    let all: [Dataset.Weights] = [.floats(values), .mapped(try mapped(values, in: TemporaryFolder()))]
    let data = all.map { Dataset(source: "s", shape: [1], features: .floats(values), targets: .none, weights: $0) }
    let samples = [0, 2999, 1500, 0]
    let gathered = data.map { data in
      let buffer = FlatBuffer(count: samples.count)
      samples.withUnsafeBufferPointer { data.gatherWeights($0, into: buffer.view) }
      return buffer.view.array
    }
    #expect(gathered == Array(repeating: samples.map { values[$0] }, count: 2))
    let plain = Dataset(source: "s", shape: [1], features: .floats(values), targets: .none)
    #expect(data[0].checksum == data[1].checksum && data[0].checksum != plain.checksum)
  }

  private func gatheredTargets(_ data: Dataset, _ samples: [Int]) -> [Float] {
    let buffer = FlatBuffer(count: samples.count * (data.valueWidth ?? 0))
    samples.withUnsafeBufferPointer { data.gatherValues($0, into: buffer.view) }
    return buffer.view.array
  }
}
