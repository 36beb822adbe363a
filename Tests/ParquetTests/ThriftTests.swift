import Diagnostics
import Testing

@testable import Parquet

@Suite struct ThriftTests {
  /// What the writer writes, the reader reads, fields that nobody asks for passed over.
  @Test func fieldsComeBack() throws {
    var writer = ThriftWriter()
    writer.structure { outer in
      outer.int32(1, -7)
      outer.text(4, "größer")
      outer.int32s(5, Array(0..<20))
      outer.structure(8) { inner in
        inner.bool(1, true)
        inner.bool(2, false)
        inner.int64(15, .min)
      }
      outer.structures(9, [3, 4]) { $0.int64(2, $1) }
      outer.texts(10, ["a", ""])
      outer.int64(11, .max)
    }
    for known in [[1, 4, 5, 8, 9, 10, 11], [], [8], [11]] {
      let thrift = ThriftReader(writer.bytes)
      var found: [Int: String] = [:]
      try thrift.fields { id, kind in
        guard known.contains(id) else { return try thrift.skip(kind) }
        switch kind {
        case .binary: found[id] = try thrift.text(kind)
        case .list:
          var elements: [String] = []
          try thrift.list(kind) { kind in
            switch kind {
            case .binary: elements.append(try thrift.text(kind))
            case .structure: try thrift.fields { elements.append("\($0): \(try thrift.int($1))") }
            default: elements.append("\(try thrift.int(kind))")
            }
          }
          found[id] = elements.joined(separator: ", ")
        case .structure:
          var fields: [String] = []
          try thrift.fields { id, kind in
            fields.append("\(id): \(kind == .int64 ? "\(try thrift.int(kind))" : "\(try thrift.bool(kind))")")
          }
          found[id] = fields.joined(separator: ", ")
        default: found[id] = "\(try thrift.int(kind))"
        }
      }
      let all = [
        1: "-7", 4: "größer", 5: (0..<20).map { "\($0)" }.joined(separator: ", "),
        8: "1: true, 2: false, 15: \(Int.min)", 9: "2: 3, 2: 4", 10: "a, ", 11: "\(Int.max)",
      ]
      #expect(found == all.filter { known.contains($0.key) })
      #expect(thrift.position == writer.bytes.count)
    }
  }

  private func skipped(_ bytes: [UInt8]) throws { try ThriftReader(bytes).skip(.structure) }

  @Test func whatIsCutOffIsSeen() {
    for bytes: [UInt8] in [
      [], [0x15], [0x15, 0x80], [0x18, 5, 65], [0x19, 0xF5, 0xFF, 0xFF, 0xFF, 0x7F], [0x17, 0, 0], [0x1C],
    ] {
      #expect(throws: ThriftReader.CutOff.self, "\(bytes)") { try skipped(bytes) }
    }
  }

  @Test func whatIsNoneIsRefused() {
    // Types that are not there, and a number of eleven bytes.
    for bytes: [UInt8] in [[0x1E], [0x10], [0x19, 0x1F, 0], [0x16] + [UInt8](repeating: 0xFF, count: 11)] {
      #expect(throws: Fault.self, "\(bytes)") { try skipped(bytes) }
    }
    // Structures and lists in each other, without an end.
    #expect(throws: Fault.self) { try skipped([UInt8](repeating: 0x1C, count: 100)) }
    #expect(throws: Fault.self) { try skipped([0x19] + [UInt8](repeating: 0x19, count: 100)) }
  }
}
