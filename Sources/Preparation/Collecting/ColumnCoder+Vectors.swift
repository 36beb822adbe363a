import Tables

extension ColumnCoder {
  /// Numbers that a row may have.
  private static let widest = 1 << 16

  /// The numbers of each row, as many as the first row has that has some, or as training rows have.
  func vectors(_ column: RawColumn, _ faults: inout RowFaults) -> VectorRows {
    let rows = column.values.count
    // Mostly each row has a value, and all as many numbers: they are taken as they are.
    if case .vectors(let all, let own) = column.values, (1...Self.widest).contains(own), width == 0 || own == width,
      column.isMissing.isEmpty, (0..<rows).allSatisfy(faults.isUsable), rows > 0, all.allSatisfy(\.isFinite)
    {
      width = own
      return VectorRows(all, width: own, count: rows)
    }
    var found = [[Double]?](repeating: nil, count: rows)
    for row in 0..<rows where faults.isUsable(row) {
      guard column.isMissing.isEmpty || !column.isMissing[row] else { continue }
      guard let numbers = numbers(column, row, &faults) else { continue }
      if width == 0 { width = numbers.count }
      if numbers.count == width {
        found[row] = numbers
      } else {
        faults.add(row, name, "expected \(width) numbers, found \(numbers.count)")
      }
    }
    var all = VectorRows(missing: rows, width: width)
    for (row, numbers) in found.enumerated() {
      if let numbers { all.numbers.replaceSubrange(row * width..<(row + 1) * width, with: numbers) }
    }
    return all
  }

  /// The finite numbers of a row, at least one; nil where there are none.
  private func numbers(_ column: RawColumn, _ row: Int, _ faults: inout RowFaults) -> [Double]? {
    let numbers: [Double]
    switch column.values {
    case .vectors(let all, let width): numbers = Array(all[row * width..<(row + 1) * width])
    case .texts(let cells):
      let range = cells.range(row)
      if range.count <= longestMissing, missing.contains(cells[row]) { return nil }
      let found = cells.bytes.withUnsafeBufferPointer { VectorText.numbers(UnsafeBufferPointer(rebasing: $0[range])) }
      guard let found else {
        let text = cells[row]
        let shown = text.isEmpty ? "an empty cell" : "'\(text.prefix(40))'"
        faults.add(row, name, "expected numbers, as 1 2 3 or [1, 2, 3], found \(shown)")
        return nil
      }
      numbers = found
    case .numbers(let all): numbers = [all[row]]
    case .integers(let all): numbers = [Double(all[row])]
    case .booleans, .days, .instants:
      faults.add(row, name, "expected numbers, found \(column.texts[row])")
      return nil
    }
    // What is missing in arrays is mostly NaN all over.
    if numbers.allSatisfy(\.isNaN), !numbers.isEmpty { return nil }
    if let bad = numbers.first(where: { !$0.isFinite }) {
      faults.add(row, name, "expected finite numbers, found \(bad)")
      return nil
    }
    guard (1...Self.widest).contains(numbers.count) else {
      faults.add(row, name, "expected 1 to \(Self.widest) numbers, found \(numbers.count)")
      return nil
    }
    return numbers
  }
}

/// Several numbers in one text.
enum VectorText {
  /// The numbers of `1 2 3`, `1;2;3` or `[1, 2, 3]`; nil where something in it is none.
  static func numbers(_ text: String) -> [Double]? { Array(text.utf8).withUnsafeBufferPointer(numbers) }

  /// Those of UTF-8.
  static func numbers(_ text: UnsafeBufferPointer<UInt8>) -> [Double]? {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }
    var (start, end) = (0, text.count)
    func trim() {
      while start < end, isSpace(text[start]) { start += 1 }
      while start < end, isSpace(text[end - 1]) { end -= 1 }
    }
    trim()
    guard start < end else { return [] }
    let pair = (text[start], text[end - 1])
    if end - start > 1, pair == (UInt8(ascii: "["), UInt8(ascii: "]")) || pair == (UInt8(ascii: "("), UInt8(ascii: ")"))
    {
      (start, end) = (start + 1, end - 1)
      trim()
      guard start < end else { return [] }
    }
    // Between commas, else between semicolons, else between spaces.
    let sign = [UInt8(ascii: ","), UInt8(ascii: ";")].first { sign in (start..<end).contains { text[$0] == sign } }
    var (numbers, first): ([Double], Int) = ([], start)
    while first <= end {
      var last = first
      while last < end, sign.map({ text[last] != $0 }) ?? !isSpace(text[last]) { last += 1 }
      if sign != nil || last > first {
        guard let number = DecimalFloat.double(UnsafeBufferPointer(rebasing: text[first..<last])) else { return nil }
        numbers.append(number)
      }
      first = last + 1
    }
    return numbers
  }
}
