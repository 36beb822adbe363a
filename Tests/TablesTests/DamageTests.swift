import Diagnostics
import Foundation
import Goldens
import TableChecks
import Tables
import TestSupport
import Testing

/// Random bits that a seed decides (SplitMix64).
struct Draws: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}

/// Files that are cut off or changed anywhere: a failure of one line or values come of each.
@Suite struct DamageTests {
  private static let lines = Array(
    "{\"a\": 1.5e3, \"b\": \"x\\u00e9\\uD83D\\uDE00\", \"c\": [1, -2], \"d\": true, \"e\": null}\n{\"a\": 2, \"b\": \"é\"}\n"
      .utf8)

  @Test func linesOfJSON() throws { try tryAll(Self.lines) { try JSONLinesReader($0) } }

  @Test(arguments: ["c-order.npy", "fortran-order.npy", "texts.npy"]) func arrays(file: String) throws {
    try tryAll(contents(file)) { try NumpyReader(npy: $0) }
  }

  @Test(arguments: ["small.npz", "small-packed.npz"]) func archives(file: String) throws {
    try tryAll(contents(file)) { try NumpyReader(npz: $0) }
  }

  private func contents(_ file: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: goldenPath("tables/\(file)"))))
  }

  /// Cut after every byte; at every place one bit of eight turned, and all of them.
  private func tryAll(_ whole: [UInt8], _ open: (String) throws -> any TableReader) throws {
    let folder = try Folder()
    var (values, failures) = (0, 0)
    func attempt(_ bytes: [UInt8], _ what: String) throws {
      do {
        _ = try ReadTable(open(try folder.write("damaged", bytes)), most: 3)
        values += 1
      } catch let failure as Failure {
        failures += 1
        #expect(failure.code == .badData && !failure.description.contains("\n"), "\(what): \(failure)")
      }
    }
    for place in whole.indices {
      try attempt(Array(whole[..<place]), "cut after \(place)")
      for bits in [1 << UInt8(place % 8), 0xff] as [UInt8] {
        var bytes = whole
        bytes[place] ^= bits
        try attempt(bytes, "\(bits) at \(place)")
      }
    }
    try attempt(whole, "whole")
    #expect(values > 0 && failures > 0, "\(values) values, \(failures) failures")
  }
}
