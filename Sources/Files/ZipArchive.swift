import Diagnostics

/// The members of a ZIP archive (APPNOTE.TXT of PKWARE), of any size.
///
/// What it says of itself is checked before it is believed.
package struct ZipArchive {
  /// A file in the archive.
  package struct Member {
    package let name: String
    /// 0: stored as it is; 8: deflated.
    package let method: UInt16
    package let checksum: UInt32
    /// Bytes in the archive, and unpacked.
    package let packed: Int
    package let size: Int
    /// Where its own header is.
    package let header: Int
  }

  package let file: RegularFile
  /// How a member that is packed otherwise is to be written.
  private let cure: String
  /// In the order of the directory.
  package private(set) var members: [Member] = []
  /// Where the directory begins, which is behind all members.
  private var directory = 0

  private static let mostDirectoryBytes = 64 << 20

  /// Throws bad data (65) where the file is no sound archive, with `cure` where it is packed by a method that is not known.
  package init(_ file: RegularFile, cure: String) throws {
    (self.file, self.cure) = (file, cure)
    let (entries, place, size) = try end()
    guard size <= Self.mostDirectoryBytes, place >= 0, size >= 0, place <= file.size - size else { throw damaged }
    directory = place
    let bytes = LittleEndian(try file.bytes(place..<place + size))
    var next = 0
    while members.count < entries {
      guard bytes.has(46, at: next), bytes.uint32(next) == 0x0201_4b50 else { throw damaged }
      let lengths = [28, 30, 32].map { bytes.uint16(next + $0) }
      let whole = 46 + lengths.reduce(0) { $0 + Int($1) }
      guard bytes.has(whole, at: next) else { throw damaged }
      members.append(try member(bytes, next, name: Int(lengths[0]), extra: Int(lengths[1])))
      next += whole
    }
    members.removeAll { $0.name.hasSuffix("/") }
    guard Set(members.map(\.name)).count == members.count else { throw damaged }
  }

  /// Where the bytes of a member begin.
  package func start(of member: Member) throws -> Int {
    guard member.header >= 0, member.header <= directory - 30 else { throw damaged }
    let bytes = LittleEndian(try file.bytes(member.header..<member.header + 30))
    guard bytes.uint32(0) == 0x0403_4b50 else { throw damaged }
    let start = member.header + 30 + Int(bytes.uint16(26)) + Int(bytes.uint16(28))
    guard start <= directory - member.packed else { throw damaged }
    return start
  }

  /// How many entries the directory has, where it begins, and how many bytes it is.
  private func end() throws -> (entries: Int, place: Int, size: Int) {
    let first = max(0, file.size - 65_557)
    let bytes = LittleEndian(try file.bytes(first..<file.size))
    // A comment of up to 65,535 bytes is behind it.
    let places = stride(from: bytes.count - 22, through: 0, by: -1)
    guard
      let found = places.first(where: {
        bytes.uint32($0) == 0x0605_4b50 && $0 + 22 + Int(bytes.uint16($0 + 20)) == bytes.count
      })
    else {
      throw Failure(
        .badData, at: file.path, "expected a ZIP archive, found no end of its directory",
        cure: "check that this is the right file, and all of it")
    }
    let short = (Int(bytes.uint16(found + 10)), Int(bytes.uint32(found + 16)), Int(bytes.uint32(found + 12)))
    guard found >= 20, bytes.uint32(found - 20) == 0x0706_4b50 else { return short }
    // ZIP64: the numbers above may be too small for what they are to hold.
    let place = Int(truncatingIfNeeded: bytes.uint64(found - 12))
    guard place >= 0, place <= file.size - 56 else { throw damaged }
    let long = LittleEndian(try file.bytes(place..<place + 56))
    guard long.uint32(0) == 0x0606_4b50 else { throw damaged }
    return (
      Int(truncatingIfNeeded: long.uint64(32)), Int(truncatingIfNeeded: long.uint64(48)),
      Int(truncatingIfNeeded: long.uint64(40))
    )
  }

  /// The entry of the directory that begins at `place`.
  private func member(_ bytes: LittleEndian, _ place: Int, name length: Int, extra: Int) throws -> Member {
    let name = String(decoding: bytes.bytes[place + 46..<place + 46 + length], as: UTF8.self)
    var (size, packed, header) = (
      Int(bytes.uint32(place + 24)), Int(bytes.uint32(place + 20)), Int(bytes.uint32(place + 42))
    )
    // Fields of ZIP64 stand, in this order, for those that are full.
    var next = place + 46 + length
    let end = next + extra
    while next + 4 <= end {
      let (kind, length) = (bytes.uint16(next), Int(bytes.uint16(next + 2)))
      guard next + 4 + length <= end else { throw damaged }
      if kind == 1 {
        var field = next + 4
        func widen(_ value: inout Int) throws {
          guard value == 0xffff_ffff else { return }
          guard field + 8 <= next + 4 + length else { throw damaged }
          value = Int(truncatingIfNeeded: bytes.uint64(field))
          field += 8
        }
        try widen(&size)
        try widen(&packed)
        try widen(&header)
      }
      next += 4 + length
    }
    let method = bytes.uint16(place + 10)
    guard bytes.uint16(place + 8) & 1 == 0, method == 0 || method == 8 else {
      throw Failure(
        .badData, at: file.path,
        "member '\(name.shown())': expected it stored or deflated, found "
          + (method == 0 || method == 8 ? "it encrypted" : "it packed by method \(method)"),
        cure: cure)
    }
    // Deflate never packs better than 1032 to 1.
    guard size >= 0, packed >= 0, packed <= file.size, method == 8 || size == packed, size / 1032 <= packed else {
      throw damaged
    }
    return Member(
      name: name, method: method, checksum: bytes.uint32(place + 16), packed: packed, size: size, header: header)
  }

  private var damaged: Failure {
    Failure(
      .badData, at: file.path, "expected a sound ZIP archive, found its directory damaged",
      cure: "fetch the file again and compare its checksum")
  }
}

/// Numbers in bytes, the least of each first; what is asked for must be there.
package struct LittleEndian {
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var count: Int { bytes.count }

  package func has(_ count: Int, at place: Int) -> Bool { place <= bytes.count - count }

  package func uint16(_ place: Int) -> UInt16 { UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8 }
  package func uint32(_ place: Int) -> UInt32 { UInt32(uint16(place)) | UInt32(uint16(place + 2)) << 16 }
  package func uint64(_ place: Int) -> UInt64 { UInt64(uint32(place)) | UInt64(uint32(place + 4)) << 32 }
}
