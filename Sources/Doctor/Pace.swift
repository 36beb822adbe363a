import Communication
import Foundation

/// How fast the ranks talk to each other: what shows that a slow network was chosen.
package struct Pace: Codable, Equatable, Sendable {
  /// Seconds of a barrier, the best of some.
  package let barrier: Double
  /// Bytes a second that a rank receives while all of them gather four megabytes, the best of some.
  package let rate: Double

  /// Measures for some milliseconds; the slowest rank counts. All ranks call it.
  init?(measuring world: any Communicator) throws {
    guard world.size > 1 else { return nil }
    let share = Self.bytes / world.size
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: share * world.size, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 1)
    defer { memory.deallocate() }
    let ranges = (0..<world.size).map { $0 * share..<($0 + 1) * share }
    func best(of trials: Int, _ body: () throws -> Void) throws -> Double {
      var times: [Double] = []
      for _ in 0..<trials {
        try world.barrier()
        let begin = DispatchTime.now().uptimeNanoseconds
        try body()
        times.append(Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9)
      }
      return try world.allGather([times.min()!]).map { $0[0] }.max()!
    }
    barrier = try best(of: 10) { try world.barrier() }
    let seconds = try best(of: 3) { try world.allGather(memory, ranges: ranges) }
    rate = Double(share * (world.size - 1)) / max(seconds, 1e-9)
  }

  /// What a rank holds in the end.
  private static let bytes = 4 << 20
}
