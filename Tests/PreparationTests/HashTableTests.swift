import Testing

@testable import Preparation

@Suite struct HashTableTests {
  /// Hashes that all want the same place, and 0, which stands for 1.
  @Test func knowsWhatWasInsertedAlone() {
    for hashes: [UInt64] in [[], [0], [1, 0], (0..<500).map { $0 &* 0x9e37_79b9_7f4a_7c15 }, (2..<300).map { $0 }] {
      var table = HashTable(capacity: hashes.count)
      for hash in hashes + hashes { table.insert(hash) }
      #expect(table.count == Set(hashes.map { max($0, 1) }).count)
      #expect(hashes.allSatisfy(table.contains))
      let others = (1...1000).map { UInt64($0) << 20 | 0xabcde }
      #expect(!others.contains(where: table.contains))
    }
  }
}
