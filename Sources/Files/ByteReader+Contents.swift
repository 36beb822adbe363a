import Diagnostics
import Host

extension ByteReader {
  /// All bytes of the file, unpacked: `limit` at most, and a part of this process's memory, since what is made of them
  /// needs some too.
  ///
  /// - Parameters:
  ///   - memory: bytes of memory that a byte of the file may cost, itself included.
  ///   - unit: what there should be fewer of, for the cure: `rows`.
  ///
  /// Throws bad data where there are more: at once where the size tells, else when they have come, so that a small packed
  /// file that is made to fill memory does not; and where a packed stream is damaged or cut off.
  package func contents(limit: Int = .max, memory: Int, fewer unit: String) throws(Failure) -> [UInt8] {
    let room = min(limit, ProcessMemory.ofThisProcess.bytes / memory)
    if !isPacked, size > room { throw tooMany(room, found: "\(size)", unit) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(size, room))
    let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { part.deallocate() }
    while true {
      let found = try read(into: part)
      bytes.append(contentsOf: part.prefix(found))
      guard bytes.count <= room else { throw tooMany(room, found: "more", unit) }
      if found < part.count { break }
    }
    guard !isCutOff else { throw cutOff(after: bytes.count) }
    return bytes
  }

  /// A packed stream that ended too early.
  package func cutOff(after count: Int) -> Failure {
    Failure(
      .badData, at: path, "expected a whole \(packing ?? "") stream, found it cut off after \(count) unpacked bytes",
      cure: "the file is truncated: fetch it again")
  }

  private func tooMany(_ room: Int, found: String, _ unit: String) -> Failure {
    Failure(
      .badData, at: path, "expected at most \(room) bytes, for which there is memory here, found \(found)",
      cure: "take a host with more memory, or fewer \(unit)")
  }
}
