#if ExternalTables
  import CHDF5System
  import Diagnostics
  import Foundation

  /// The one way to HDF5: the library lets in one thread at a time, and its errors become failures of one line.
  enum HDF5Library {
    /// Taken again where something is let go inside of a call.
    private static let lock = NSRecursiveLock()

    /// Calls the library.
    static func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
      lock.lock()
      defer { lock.unlock() }
      hdf5_silence()
      return try body()
    }

    /// Files that somebody has open, by device and number on it.
    nonisolated(unsafe) private static var files: [[UInt64]: OpenFile] = [:]

    private struct OpenFile {
      weak var object: HDF5Object?
    }

    /// A file, the same object for all that have it open at a time. It is asked for, and let go, inside of `locked` alone.
    ///
    /// Opened by itself for each of them, it would not be safe: texts of varying length are read through the file by which their
    /// dataset was opened first, whether that is still open or not (HDF5 1.10).
    static func file(_ path: String) throws(Failure) -> HDF5Object {
      var status = stat()
      guard stat(path, &status) == 0 else { throw Failure.system("open", path, errno: errno, reading: true) }
      let key = [UInt64(status.st_dev), UInt64(status.st_ino)]
      if let object = files[key]?.object { return object }
      let object = try HDF5Object(H5Fopen(path, hdf5_read_only(), hdf5_default()), at: path, close: H5Fclose)
      files = files.filter { $0.value.object != nil }
      files[key] = OpenFile(object: object)
      return object
    }

    /// What a call gave; below zero it failed.
    static func checked<Code: SignedInteger>(_ code: Code, at place: String) throws(Failure) -> Code {
      guard code < 0 else { return code }
      var text = [CChar](repeating: 0, count: 256)
      hdf5_last_error(&text, text.count)
      let found = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if found.contains("unable to lock") {
        throw Failure(
          .unavailable, at: place, "expected nobody to write to it, found it locked (\(found))",
          cure: "end what writes to it, or copy the file")
      }
      throw Failure(
        .badData, at: place, "expected what HDF5 can read, found \(found.isEmpty ? "damage" : found)",
        cure: "check that the file is whole (h5ls -r), and fetch it again")
    }
  }

  /// Something that is open in the library, and closed with its owner.
  final class HDF5Object {
    let number: hid_t
    private let close: (hid_t) -> herr_t

    /// - Parameter number: what a call gave.
    init(_ number: hid_t, at place: String, close: @escaping (hid_t) -> herr_t) throws(Failure) {
      self.number = try HDF5Library.checked(number, at: place)
      self.close = close
    }

    deinit { _ = HDF5Library.locked { close(number) } }
  }
#endif
