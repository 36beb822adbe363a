import Diagnostics

/// Elements of one column, `stride` bytes from each other, of which the first begins the bytes.
struct NumpyElements {
  let type: NumpyType
  let bytes: UnsafeRawBufferPointer
  let stride: Int
  let count: Int

  /// Appends all of them; `fault` is told of those that are no value of their type.
  func append(to rows: inout RawColumnBuilder, fault: (_ row: Int, _ reason: String) -> Void) {
    switch (type.kind, type.width) {
    case (.boolean, _): for row in 0..<count { rows.append(boolean: bytes[row * stride] != 0) }
    case (.signed, 1): integers(Int8.self, to: &rows)
    case (.signed, 2): integers(Int16.self, to: &rows)
    case (.signed, 4): integers(Int32.self, to: &rows)
    case (.signed, _): integers(Int64.self, to: &rows)
    case (.unsigned, 1): integers(UInt8.self, to: &rows)
    case (.unsigned, 2): integers(UInt16.self, to: &rows)
    case (.unsigned, 4): integers(UInt32.self, to: &rows)
    case (.unsigned, _): large(to: &rows, fault)
    case (.float, 2):
      for row in 0..<count { rows.append(number: Double(Float16(bitPattern: element(row, as: UInt16.self)))) }
    case (.float, 4):
      for row in 0..<count { rows.append(number: Double(Float(bitPattern: element(row, as: UInt32.self)))) }
    case (.float, _): for row in 0..<count { rows.append(number: Double(bitPattern: element(row, as: UInt64.self))) }
    case (.scalars, _): scalars(to: &rows, fault)
    case (.bytes, _): texts(to: &rows, fault)
    case (.day, _): days(to: &rows, fault)
    case (.instant(let divisor, let factor), _): instants(to: &rows, divisor, factor, fault)
    }
  }

  @inline(__always) func element<Number: FixedWidthInteger>(_ row: Int, as type: Number.Type) -> Number {
    let number = bytes.loadUnaligned(fromByteOffset: row * stride, as: Number.self)
    return self.type.isBigEndian ? Number(bigEndian: number) : Number(littleEndian: number)
  }

  private func integers<Number: FixedWidthInteger>(_ type: Number.Type, to rows: inout RawColumnBuilder) {
    for row in 0..<count { rows.append(integer: Int64(truncatingIfNeeded: element(row, as: type))) }
  }

  /// Integers that may be larger than a signed one.
  private func large(to rows: inout RawColumnBuilder, _ fault: (Int, String) -> Void) {
    for row in 0..<count {
      let number = element(row, as: UInt64.self)
      guard let integer = Int64(exactly: number) else {
        rows.appendMissing()
        fault(row, "expected an integer of at most \(Int64.max), found \(number)")
        continue
      }
      rows.append(integer: integer)
    }
  }

  /// Texts of four bytes a character, filled up with zeros.
  private func scalars(to rows: inout RawColumnBuilder, _ fault: (Int, String) -> Void) {
    var text: [UInt8] = []
    for row in 0..<count {
      text.removeAll(keepingCapacity: true)
      let elements = NumpyElements(
        type: type, bytes: UnsafeRawBufferPointer(rebasing: bytes[(row * stride)...]), stride: 4, count: type.width / 4)
      var length = elements.count
      while length > 0, elements.element(length - 1, as: UInt32.self) == 0 { length -= 1 }
      let isText = (0..<length).allSatisfy { place in
        guard let encoded = Unicode.Scalar(elements.element(place, as: UInt32.self)).flatMap(UTF8.encode) else {
          return false
        }
        text.append(contentsOf: encoded)
        return true
      }
      if isText {
        rows.append(text: text)
      } else {
        rows.appendMissing()
        fault(row, "expected a text of Unicode, found other numbers")
      }
    }
  }

  /// Texts of bytes, filled up with zeros.
  private func texts(to rows: inout RawColumnBuilder, _ fault: (Int, String) -> Void) {
    for row in 0..<count {
      let all = UnsafeRawBufferPointer(rebasing: bytes[row * stride..<row * stride + type.width])
      let text = all[..<(all.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0)]
      if isUTF8(UnsafeRawBufferPointer(rebasing: text).assumingMemoryBound(to: UInt8.self)) {
        rows.append(text: text)
      } else {
        rows.appendMissing()
        fault(row, "expected UTF-8, found other bytes")
      }
    }
  }

  private func days(to rows: inout RawColumnBuilder, _ fault: (Int, String) -> Void) {
    for row in 0..<count {
      let number = Int64(bitPattern: element(row, as: UInt64.self))
      if let day = Int32(exactly: number) {
        rows.append(day: day)
      } else {
        rows.appendMissing()
        if number != .min { fault(row, "expected a day within 5.8 million years of 1970, found \(number) days") }
      }
    }
  }

  /// The least integer is a time that is not there.
  private func instants(
    to rows: inout RawColumnBuilder, _ divisor: Int64, _ factor: Int64, _ fault: (Int, String) -> Void
  ) {
    for row in 0..<count {
      let number = Int64(bitPattern: element(row, as: UInt64.self))
      let (product, isTooLarge) = number.multipliedReportingOverflow(by: factor)
      if number == .min || isTooLarge {
        rows.appendMissing()
        if number != .min { fault(row, "expected an instant within 292,000 years of 1970, found \(number) units") }
      } else {
        // Rounded down.
        rows.append(integer: Int64(Int(product).quotientRounded(by: Int(divisor)).quotient))
      }
    }
  }
}
