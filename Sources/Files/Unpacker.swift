import Diagnostics

/// Unpacks a stream as it is asked for bytes.
protocol Unpacker: AnyObject, SendableMetatype {
  /// What such a stream begins with.
  static var magic: [UInt8] { get }
  /// What it is called: `gzip`.
  static var name: String { get }
  /// Unpacked bytes for each packed one, at most.
  static var mostRatio: Int { get }

  init(_ path: String) throws(Failure)

  /// Whether the packed bytes ended before the stream did.
  var isCutOff: Bool { get }

  /// Overwrites `buffer` with unpacked bytes and returns how many; `refill` provides the packed ones.
  func unpack(
    into buffer: UnsafeMutableRawBufferPointer,
    refill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int
}

extension Unpacker {
  static var damageCure: String { "fetch the file again and compare its checksum" }
}

/// All that are known, told apart by what a file begins with.
let unpackers: [any Unpacker.Type] = [Inflater.self, ZstdUnpacker.self]
