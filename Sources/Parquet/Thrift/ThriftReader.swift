/// Reads what is written in Apache Thrift's compact protocol: structures of numbered fields, which the caller asks for or
/// passes over.
///
/// ```swift
/// try thrift.fields { id, kind in
///   switch id {
///   case 1: version = try thrift.int(kind)
///   default: try thrift.skip(kind)
///   }
/// }
/// ```
/// Memory does not grow with what the bytes promise: a list has no more elements than there are bytes left for it, and
/// structures do not lie deeper in each other than `deepest`.
///
/// Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
final class ThriftReader {
  /// The type of a value, as the bytes number it. A field that is true or false has its value in its kind.
  enum Kind: UInt8 { case yes = 1, no, byte, int16, int32, int64, double, binary, list, set, map, structure, uuid }

  /// The bytes ended before the value did: more of them may help.
  struct CutOff: Error {}

  /// Parquet's own structures come to 8.
  static let deepest = 32

  /// The place of the next byte.
  private(set) var position: Int
  private let bytes: [UInt8]
  private var depth = 0

  init(_ bytes: [UInt8], from position: Int = 0) { (self.bytes, self.position) = (bytes, position) }

  /// Reads a structure: calls `read` for each field, which must take or skip its value.
  func fields(_ read: (_ id: Int, _ kind: Kind) throws -> Void) throws {
    try descend {
      var id = 0
      while true {
        let head = try byte()
        if head == 0 { return }
        let step = Int(head >> 4)
        id = step == 0 ? try int(.int16) : id + step
        try read(id, try kind(head & 15))
      }
    }
  }

  /// Reads a list or a set: calls `read` for each element, which must take or skip it.
  func list(_ kind: Kind, _ read: (_ kind: Kind) throws -> Void) throws {
    guard kind == .list || kind == .set else { throw unexpected("a list", kind) }
    let head = try byte()
    let count = head >> 4 == 15 ? try varint() : UInt64(head >> 4)
    // Each takes a byte at least.
    guard count <= UInt64(bytes.count - position) else { throw CutOff() }
    guard count > 0 else { return }
    let element = try self.kind(head & 15)
    for _ in 0..<count { try read(element) }
  }

  /// A whole number of at most 64 bits.
  func int(_ kind: Kind) throws -> Int {
    switch kind {
    case .byte: return Int(Int8(bitPattern: try byte()))
    case .int16, .int32, .int64:
      let bits = try varint()
      let value = Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
      let width = kind == .int16 ? 16 : kind == .int32 ? 32 : 64
      guard value >> (width - 1) == value >> 63 else {
        throw Fault("expected a number of \(width) bits, found \(value)")
      }
      return Int(value)
    default: throw unexpected("a whole number", kind)
    }
  }

  /// The value of a field that is true or false.
  func bool(_ kind: Kind) throws -> Bool {
    guard kind == .yes || kind == .no else { throw unexpected("true or false", kind) }
    return kind == .yes
  }

  /// Where the bytes of a text lie in those that are read.
  func binary(_ kind: Kind) throws -> Range<Int> {
    guard kind == .binary else { throw unexpected("a text", kind) }
    return try taken(try varint())
  }

  /// A text; what is no UTF-8 in it becomes U+FFFD.
  func text(_ kind: Kind) throws -> String { String(decoding: bytes[try binary(kind)], as: UTF8.self) }

  /// Passes over the value of a field.
  func skip(_ kind: Kind) throws {
    switch kind {
    case .yes, .no: break
    case .byte: _ = try byte()
    case .int16, .int32, .int64: _ = try varint()
    case .double: _ = try taken(8)
    case .uuid: _ = try taken(16)
    case .binary: _ = try binary(kind)
    case .list, .set: try descend { try list(kind, skipElement) }
    case .map:
      let count = try varint()
      guard count > 0 else { return }
      let kinds = try byte()
      guard count <= UInt64(bytes.count - position) else { throw CutOff() }
      let (key, value) = (try self.kind(kinds >> 4), try self.kind(kinds & 15))
      try descend {
        for _ in 0..<count {
          try skipElement(key)
          try skipElement(value)
        }
      }
    case .structure: try fields { try skip($1) }
    }
  }

  /// Elements that are true or false have a byte each.
  private func skipElement(_ kind: Kind) throws {
    if kind == .yes || kind == .no { _ = try byte() } else { try skip(kind) }
  }

  private func descend(_ read: () throws -> Void) throws {
    guard depth < Self.deepest else {
      throw Fault("expected at most \(Self.deepest) structures in each other, found more")
    }
    depth += 1
    defer { depth -= 1 }
    try read()
  }

  private func byte() throws -> UInt8 {
    guard position < bytes.count else { throw CutOff() }
    defer { position += 1 }
    return bytes[position]
  }

  /// Seven bits a byte, the lowest first.
  private func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let next = try byte()
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return value }
    }
    throw Fault("expected a number of at most 10 bytes, found a longer one")
  }

  private func taken(_ count: UInt64) throws -> Range<Int> {
    guard count <= UInt64(bytes.count - position) else { throw CutOff() }
    let range = position..<position + Int(count)
    position = range.upperBound
    return range
  }

  private func kind(_ number: UInt8) throws -> Kind {
    guard let kind = Kind(rawValue: number) else {
      throw Fault("expected a type of Thrift from 1 to 13, found \(number)")
    }
    return kind
  }

  private func unexpected(_ what: String, _ kind: Kind) -> Fault {
    Fault("expected \(what) in its metadata, found a value of Thrift's type \(kind.rawValue)")
  }
}
