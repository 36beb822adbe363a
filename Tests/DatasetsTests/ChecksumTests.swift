import Datasets
import Testing

/// The checksum notices every change: of a number, of the order, of the form, of a name.
@Suite struct ChecksumTests {
  private func bytes(_ values: [UInt8], _ classes: [Int32] = [0, 1, 1], names: [String] = ["a", "b"]) -> Dataset {
    Dataset(source: "s", shape: [3], features: .bytes(values), targets: .classes(classes, names: names))
  }

  @Test func everyChangeChangesIt() {
    let values: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    var all = [
      bytes(values), bytes(values, [1, 0, 1]), bytes(values, names: ["b", "a"]), bytes(values, names: ["a", "b", "c"]),
      Dataset(source: "s", shape: [3], features: .bytes(values), targets: .none),
      Dataset(source: "s", shape: [9], features: .bytes(values), targets: .none),
      Dataset(source: "s", shape: [3, 1], features: .bytes(values), targets: .none),
      Dataset(source: "s", shape: [3], features: .floats(values.map(Float.init)), targets: .none),
      Dataset(source: "s", shape: [3], features: .bytes(values), targets: .values([0, 1, 1], width: 1)),
      Dataset(source: "s", shape: [3], features: .bytes(values), targets: .values([0, -0.0, 1], width: 1)),
      bytes([4, 5, 6, 1, 2, 3, 7, 8, 9]),
    ]
    for place in values.indices {
      var changed = values
      changed[place] ^= 1
      all.append(bytes(changed))
    }
    #expect(Set(all.map(\.checksum)).count == all.count)
    #expect(bytes(values).checksum == bytes(values).checksum)
  }
}
