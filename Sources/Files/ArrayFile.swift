import Diagnostics
import Foundation

/// A number as an array file has it.
public protocol ArrayElement: BitwiseCopyable, Sendable, Equatable {
  /// NumPy's word for it: `<f4`.
  static var descriptor: String { get }
}

extension Float: ArrayElement { public static var descriptor: String { "<f4" } }
extension Double: ArrayElement { public static var descriptor: String { "<f8" } }
extension Int32: ArrayElement { public static var descriptor: String { "<i4" } }
extension Int64: ArrayElement { public static var descriptor: String { "<i8" } }
extension UInt8: ArrayElement { public static var descriptor: String { "|u1" } }

/// The header of an array file, NumPy's `.npy` of version 1: 128 bytes in front of numbers in row-major order.
package enum ArrayHeader {
  static let size = 128

  package static func bytes<Element: ArrayElement>(_: Element.Type, rows: Int, width: Int?) -> [UInt8] {
    let shape = width.map { "(\(rows), \($0))" } ?? "(\(rows),)"
    let text = "{'descr': '\(Element.descriptor)', 'fortran_order': False, 'shape': \(shape), }"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size - 10), 0] + Array(text.utf8)
    bytes += [UInt8](repeating: UInt8(ascii: " "), count: size - 1 - bytes.count) + [UInt8(ascii: "\n")]
    return bytes
  }
}

/// Writes numbers to an array file, row by row: memory does not grow with their number.
package final class ArrayWriter<Element: ArrayElement> {
  package let path: String
  private let width: Int?
  private let isKept: Bool
  private var descriptor: Int32
  private var buffer: [Element] = []
  /// Numbers so far.
  package private(set) var count = 0

  private static var bufferSize: Int { (1 << 18) / MemoryLayout<Element>.size }

  /// Makes the file anew; rows of `width` numbers, nil: of one, in an array of one dimension.
  ///
  /// - Parameter isKept: whether the file is to outlive the host's power, for which the disk is waited for at the end.
  package init(_ path: String, width: Int? = nil, isKept: Bool = true) throws {
    (self.path, self.width, self.isKept) = (path, width, isKept)
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure.system("open", path, errno: errno) }
    try writeAll(ArrayHeader.bytes(Element.self, rows: 0, width: width), to: descriptor, path)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Adds numbers behind those before.
  package func append(contentsOf numbers: some Collection<Element>) throws {
    if buffer.isEmpty, numbers.count >= Self.bufferSize {
      let isWritten: Void? = try numbers.withContiguousStorageIfAvailable {
        try writeAll(UnsafeRawBufferPointer($0), to: descriptor, path)
      }
      if isWritten != nil { return count += numbers.count }
    }
    buffer.append(contentsOf: numbers)
    count += numbers.count
    if buffer.count >= Self.bufferSize { try flush() }
  }

  private func flush() throws {
    try buffer.withUnsafeBytes { try writeAll($0, to: descriptor, path) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Ends the file, and lends what is in it. Nothing can be added afterwards.
  package func finish() throws -> MappedArray<Element> {
    try flush()
    let header = ArrayHeader.bytes(Element.self, rows: count / (width ?? 1), width: width)
    guard pwrite(descriptor, header, header.count, 0) == header.count else {
      throw Failure.system("write", path, errno: errno)
    }
    guard !isKept || fsync(descriptor) == 0 else { throw Failure.system("fsync", path, errno: errno) }
    let code = close(descriptor)
    descriptor = -1
    guard code == 0 else { throw Failure.system("close", path, errno: errno) }
    return try MappedArray(path)
  }
}
