import Diagnostics
import Files
import Foundation
import Sounds
import Tensors

/// What becomes of one sound: clips of T×F numbers, one behind the other. Those of a long recording may be more than memory holds: they
/// go to a file, where there is a folder for it.
package final class MadeSound: @unchecked Sendable {
  package private(set) var clips = 0
  /// Whether it was compressed by Vorbis.
  package private(set) var isVorbis = false
  /// In memory: all of them, or those that are not in the file yet.
  private var numbers: [Float] = []
  private let folder: String?
  private var file: Int32 = -1
  private var path = ""

  /// The most numbers in memory, where there is a file for more.
  private static let most = 1 << 18

  /// - Parameter folder: where there is room for a file, which is gone with this; nil: all of it stays in memory.
  init(_ bytes: SoundBytes, _ maker: SoundMaker, spillingInto folder: String?) throws {
    self.folder = folder
    (clips, isVorbis) = try maker.make(bytes) { clip, own in
      if clip == 0 { try begin() }
      numbers.append(contentsOf: own)
      if folder != nil, numbers.count >= Self.most { try spill() }
    }
  }

  deinit { if file >= 0 { close(file) } }

  private func begin() throws {
    numbers.removeAll(keepingCapacity: true)
    guard file >= 0 else { return }
    guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else {
      throw Failure.system("truncate", path, errno: errno)
    }
  }

  private func spill() throws {
    if file < 0 {
      path = "\(folder!)/clips-\(UInt64.random(in: 0 ... .max))"
      file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard file >= 0 else { throw Failure.system("open", path, errno: errno) }
      // Nobody else needs its name.
      unlink(path)
    }
    try numbers.withUnsafeBytes { try writeAll($0, to: file, path) }
    numbers.removeAll(keepingCapacity: true)
  }

  /// Lends all numbers, piece by piece.
  package func forEachPiece(_ body: ([Float]) throws -> Void) throws {
    if file >= 0 {
      var (done, piece) = (0, [Float](repeating: 0, count: Self.most))
      while true {
        let found = piece.withUnsafeMutableBytes { pread(file, $0.baseAddress!, $0.count, off_t(done)) }
        guard found >= 0 else { throw Failure.system("read", path, errno: errno, reading: true) }
        guard found > 0 else { break }
        // Files are written and read by whole numbers, but for what the disk has at its end.
        let whole = found / 4 * 4
        try body(whole == piece.count * 4 ? piece : Array(piece[..<(whole / 4)]))
        done += whole
      }
    }
    try body(numbers)
  }
}
