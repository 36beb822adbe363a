import Diagnostics

/// What an element of an array of NumPy is.
struct NumpyType {
  enum Kind: Equatable {
    case boolean, signed, unsigned, float
    /// Unicode scalars of four bytes each.
    case scalars
    case bytes
    case day
    /// A count of units; so many of them are a microsecond, or a unit is so many microseconds.
    case instant(perMicrosecond: Int64, microseconds: Int64)
  }

  /// The longest element, in bytes.
  static let longest = 1 << 20

  let kind: Kind
  /// Bytes of an element.
  let width: Int
  let isBigEndian: Bool

  var raw: RawType {
    switch kind {
    case .boolean: .boolean
    case .signed, .unsigned: .integer
    case .float: .number
    case .scalars, .bytes: .text
    case .day: .day
    case .instant: .instant
    }
  }

  /// Whether elements are numbers, or truths, which are 0 and 1.
  var isNumeric: Bool {
    switch kind {
    case .boolean, .signed, .unsigned, .float: true
    case .scalars, .bytes, .day, .instant: false
    }
  }

  /// Reads NumPy's word for it: `<f8`, `|S12`, `<M8[ns]`.
  ///
  /// - Parameter place: an array, for messages.
  init(_ word: String, at place: String) throws {
    func refused(_ found: String, _ cure: String) -> Failure {
      Failure(.badData, at: place, "expected numbers, truths, texts or times, found \(found)", cure: cure)
    }
    var rest = Substring(word)
    let order = rest.first.flatMap { "<>=|".contains($0) ? $0 : nil }
    if order != nil { rest.removeFirst() }
    isBigEndian = order == ">"
    let letter = rest.popFirst() ?? " "
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    let count = Int(digits) ?? 0
    let unit = rest.dropFirst(digits.count)
    switch (letter, count) {
    case ("b", 1): (kind, width) = (.boolean, 1)
    case ("i", 1), ("i", 2), ("i", 4), ("i", 8): (kind, width) = (.signed, count)
    case ("u", 1), ("u", 2), ("u", 4), ("u", 8): (kind, width) = (.unsigned, count)
    case ("f", 2), ("f", 4), ("f", 8): (kind, width) = (.float, count)
    case ("U", 1...Self.longest / 4): (kind, width) = (.scalars, 4 * count)
    case ("S", 1...Self.longest): (kind, width) = (.bytes, count)
    case ("M", 8):
      guard let time = Self.times[String(unit)] else {
        throw refused("times in the unit \(unit.shown())", "convert it: array.astype('datetime64[us]')")
      }
      (kind, width) = (time, 8)
      return
    case ("O", _):
      throw refused(
        "objects of Python, which may run code when they are read",
        "convert it before saving: array.astype(float), or str")
    case ("c", _): throw refused("complex numbers", "save array.real and array.imag")
    case ("f", _): throw refused("numbers of \(count) bytes", "convert it: array.astype('float64')")
    default: throw refused("the type \(word.prefix(40).shown())", "convert it by array.astype")
    }
    guard unit.isEmpty else { throw refused("the type \(word.prefix(40).shown())", "convert it by array.astype") }
  }

  private static let times: [String: Kind] = [
    "[D]": .day,
    "[h]": .instant(perMicrosecond: 1, microseconds: 3_600_000_000),
    "[m]": .instant(perMicrosecond: 1, microseconds: 60_000_000),
    "[s]": .instant(perMicrosecond: 1, microseconds: 1_000_000),
    "[ms]": .instant(perMicrosecond: 1, microseconds: 1000),
    "[us]": .instant(perMicrosecond: 1, microseconds: 1),
    "[ns]": .instant(perMicrosecond: 1000, microseconds: 1),
  ]
}
