import Diagnostics

/// The files in a tar archive that lies on disk: POSIX's ustar and pax forms, and GNU's long names (POSIX.1-2017, pax, "ustar
/// Interchange Format").
package struct TarArchive: Sendable {
  /// A file in an archive.
  package struct Member: Sendable, Equatable {
    package let name: String
    /// Its bytes in the archive's.
    package let range: Range<Int>
    /// Whether it is another name of a file before it, whose bytes these are (a hard link).
    package var isLink = false
  }

  package let file: MappedBytes
  /// Regular files, in the order in which they lie there.
  package let members: [Member]

  private static let block = 512

  /// Reads where its files lie; throws bad data (65) where it is no tar archive, or is cut short.
  package init(_ path: String) throws(Failure) {
    file = try MappedBytes(path)
    members = try Self.members(file.bytes, path)
  }

  /// The files that lie in the bytes of an archive; `path` is what messages call it.
  package static func members(_ bytes: UnsafeRawBufferPointer, _ path: String) throws(Failure) -> [Member] {
    func failure(_ fault: String, _ cure: String = "make it once more") -> Failure {
      Failure(.badData, at: path, fault, cure: cure)
    }
    if bytes.count > 1, bytes[0] == 0x1f, bytes[1] == 0x8b {
      throw failure(
        "expected a tar archive, found one that is packed by gzip", "unpack it: gunzip -c \(path) > OTHER.tar")
    }
    var (members, place) = ([Member](), 0)
    // Of files by their names, once there are links to them, which may be as many.
    var places: [String: Range<Int>]?
    // What stands before a file's own header, for it alone.
    var (longName, longSize, longLink) = (String?.none, Int?.none, String?.none)
    var isAtEnd = false
    while place + block <= bytes.count {
      let header = UnsafeRawBufferPointer(rebasing: bytes[place..<place + block])
      if header.allSatisfy({ $0 == 0 }) {
        isAtEnd = true
        break
      }
      guard hasRightSum(header) else {
        throw failure("expected the header of a file at byte \(grouped(place)), found other bytes")
      }
      let kind = header[156]
      guard let told = number(header, 124..<136) else {
        throw failure("expected the size of a file at byte \(grouped(place)), found other bytes")
      }
      let isSpecial = "xgLK".utf8.contains(kind)
      let size = isSpecial ? told : longSize ?? told
      let start = place + block
      guard size >= 0, size <= bytes.count - start else {
        throw failure(
          "expected \(grouped(size)) bytes of a file from byte \(grouped(start)) on, found \(grouped(bytes.count - start)): "
            + "it is cut short")
      }
      let content = UnsafeRawBufferPointer(rebasing: bytes[start..<start + size])
      switch kind {
      case UInt8(ascii: "x"):
        for (key, value) in records(content) {
          if key == "path" { longName = value }
          if key == "size" { longSize = Int(value) }
          if key == "linkpath" { longLink = value }
        }
      case UInt8(ascii: "L"): longName = text(content, 0..<content.count)
      case UInt8(ascii: "K"): longLink = text(content, 0..<content.count)
      case UInt8(ascii: "g"): break
      case UInt8(ascii: "1"):
        let (own, target) = (longName ?? name(header), longLink ?? text(header, 157..<257))
        if places == nil { places = Dictionary(members.map { ($0.name, $0.range) }) { $1 } }
        guard let range = places![target] else {
          throw failure(
            "expected '\(target)' before '\(own)', which is a hard link to it, found none",
            "put the file itself into the archive: tar --hard-dereference")
        }
        members.append(Member(name: own, range: range, isLink: true))
        places![own] = range
        (longName, longSize, longLink) = (nil, nil, nil)
      default:
        if kind == 0 || kind == UInt8(ascii: "0") || kind == UInt8(ascii: "7") {
          let own = longName ?? name(header)
          members.append(Member(name: own, range: start..<start + size))
          places?[own] = start..<start + size
        }
        (longName, longSize, longLink) = (nil, nil, nil)
      }
      place = start + (size + block - 1) / block * block
    }
    guard !members.isEmpty || bytes.allSatisfy({ $0 == 0 }) else {
      throw failure("expected a tar archive with files in it, found none")
    }
    guard isAtEnd else {
      let rest = bytes.count - place
      let found = rest > 0 ? "\(grouped(rest)) bytes of a header" : "nothing"
      throw failure("expected its end, blocks of zeros, at byte \(grouped(place)), found \(found): it is cut short")
    }
    if let more = bytes[place...].firstIndex(where: { $0 != 0 }) {
      throw failure(
        "expected zeros alone behind its end at byte \(grouped(place)), found others at byte \(grouped(more))",
        "make it once more; tar -A joins archives")
    }
    return members
  }

  private static func name(_ header: UnsafeRawBufferPointer) -> String {
    let own = text(header, 0..<100)
    let prefix = text(header, 257..<262) == "ustar" ? text(header, 345..<500) : ""
    return prefix.isEmpty ? own : "\(prefix)/\(own)"
  }

  /// The text in a field, up to its first zero.
  private static func text(_ bytes: UnsafeRawBufferPointer, _ field: Range<Int>) -> String {
    String(decoding: bytes[field].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Octal digits, or, after a first bit, binary ones; nil where it is neither, or too large.
  private static func number(_ header: UnsafeRawBufferPointer, _ field: Range<Int>) -> Int? {
    if header[field.lowerBound] & 0x80 != 0 {
      var value = 0
      for (place, byte) in header[field].enumerated() {
        guard value < 1 << 47 else { return nil }
        value = value << 8 | Int(place == 0 ? byte & 0x7f : byte)
      }
      return value
    }
    let digits = text(header, field).split(separator: " ", omittingEmptySubsequences: true)
    return digits.isEmpty ? 0 : digits.count == 1 ? Int(digits[0], radix: 8) : nil
  }

  /// Whether a header's bytes, those of the sum as spaces, add up to what it says.
  private static func hasRightSum(_ header: UnsafeRawBufferPointer) -> Bool {
    guard let told = number(header, 148..<156) else { return false }
    let sum = header.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(header[$1])) }
    return sum == told
  }

  /// `30 path=a/b.jpg\n`: a length, all of the record's, a name and a value.
  private static func records(_ bytes: UnsafeRawBufferPointer) -> [(key: String, value: String)] {
    var (found, place) = ([(key: String, value: String)](), 0)
    while place < bytes.count {
      guard let space = bytes[place...].firstIndex(of: 32),
        let length = Int(String(decoding: bytes[place..<space], as: UTF8.self)), length > space - place + 1,
        length <= bytes.count - place
      else { return found }
      let record = String(decoding: bytes[space + 1..<place + length - 1], as: UTF8.self)
      if let equals = record.firstIndex(of: "=") {
        found.append((String(record[..<equals]), String(record[record.index(after: equals)...])))
      }
      place += length
    }
    return found
  }
}
