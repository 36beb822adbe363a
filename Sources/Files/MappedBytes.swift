import Diagnostics
import Foundation

/// The bytes of a file, which stay on disk until they are asked for; nothing is kept open.
///
/// The file must not be cut short meanwhile.
package final class MappedBytes: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer

  /// Maps a file of any size; throws a missing input (66) where there is none.
  package init(_ path: String) throws(Failure) {
    let (file, status) = try FileDescriptor.reading(path, waits: false, cure: nil)
    let size = Int(status.st_size)
    guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(.missingInput, at: path, "expected a file") }
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let mapped = mmap(nil, size, PROT_READ, MAP_SHARED, file.number, 0)
    guard let mapped, mapped != MAP_FAILED else { throw Failure.system("map", path, errno: errno, reading: true) }
    bytes = UnsafeRawBufferPointer(start: mapped, count: size)
  }

  deinit { if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) } }
}
