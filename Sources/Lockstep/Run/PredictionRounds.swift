import Communication
import Diagnostics
import Files
import Foundation
import Tensors
import Writers

/// Brings what ranks predict to rank zero, a block of rows of each of them at a time.
///
/// ```
/// rank 0   block 0   block 3   block 6 ─┐
/// rank 1   block 1   block 4   block 7 ─┼─► rank 0 writes 0 1 2 3 4 5 6 7
/// rank 2   block 2   block 5           ─┘
/// ```
/// Rank zero writes the blocks of a round while the others predict those of the next.
struct PredictionRounds {
  let world: any Communicator
  let sheet: PredictionSheet

  /// Has each rank make a block, until none has any more, and writes them; returns how many rows there were, and how many of them
  /// had a problem.
  ///
  /// All ranks call it, and know the number. `next` is given how many there were so far, and gives nil where the rank has no
  /// more of them: then it is not asked again. What one rank throws, all do.
  func run(next: (Int) throws -> Predictions?) throws -> (rows: Int, problems: Int) {
    var (rows, problems, isDone, blocks) = (0, 0, false, [PredictionSheet.Block]())
    while true {
      let own = try world.agree { () -> Predictions? in
        try sheet.write(blocks)
        return isDone ? nil : try next(rows)
      }
      isDone = own == nil
      let (count, faulty, gathered) = try gather(own)
      guard count > 0 else { return (rows, problems) }
      (rows, problems, blocks) = (rows + count, problems + faulty, gathered)
    }
  }

  /// How many rows all ranks have in this round, how many with a problem, and on rank zero their blocks.
  private func gather(_ own: Predictions?) throws -> (rows: Int, problems: Int, blocks: [PredictionSheet.Block]) {
    let bytes = world.rank == 0 ? [] : own.map { sheet.bytes(of: $0) } ?? []
    let counts = try world.allGather(
      [own.map { $0.count + $0.problems.count } ?? 0, bytes.count, own?.problems.count ?? 0])
    let (rows, problems) = counts.reduce((0, 0)) { ($0.0 + $1[0], $0.1 + $1[2]) }
    var blocks = own.map { world.rank == 0 ? [PredictionSheet.Block.predictions($0)] : [] } ?? []
    guard rows > 0, world.size > 1 else { return (rows, problems, blocks) }
    var (ranges, end) = ([Range<Int>](), 0)
    for count in counts {
      ranges.append(end..<end + (world.rank == 0 ? count[1] : 0))
      end = ranges.last!.upperBound
    }
    var received = [UInt8](repeating: 0, count: end)
    try received.withUnsafeMutableBytes { received in
      try bytes.withUnsafeBytes { bytes in
        try world.allToAll(
          send: bytes, sendRanges: (0..<world.size).map { 0..<($0 == 0 ? bytes.count : 0) },
          receive: received, receiveRanges: ranges)
      }
    }
    for (range, count) in zip(ranges, counts).dropFirst() where world.rank == 0 && count[0] > 0 {
      blocks.append(.bytes(received[range]))
    }
    return (rows, problems, blocks)
  }
}

/// What tells a file from another one of the same path on another host, before it is read: its size, its beginning and its end.
struct FileEnds {
  static let cure = "check the path and its permissions"

  let text: String

  init(_ path: String) throws {
    guard !isDirectory(path) else {
      let names = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
      text = "\(grouped(names.count)) names, \(Digest(of: names.joined(separator: "\n")).hex.prefix(8))"
      return
    }
    let (file, most) = (try RegularFile(path, cure: Self.cure), 1 << 16)
    let first = try file.bytes(0..<min(most, file.size))
    let last = try file.bytes(max(0, file.size - most)..<file.size)
    text = "\(grouped(file.size)) bytes, \((first + last).withUnsafeBytes { Digest(of: $0) }.hex.prefix(8))"
  }

  /// Whether a path leads to what can be read once alone: this process's input, a pipe, a device.
  static func isStream(_ path: String) -> Bool {
    var status = stat()
    guard path != standardStream else { return true }
    return stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }
}
