import Configuration
import Tensors

/// By a column's value: rows that share it, as those of one customer, are in one part, and stay there when rows are added.
struct HashSplit: Split {
  static let kind = "hash"
  static let summary = "by a column's value: rows that share it are in one part, and stay there when rows are added"

  let column: String
  let shares: Shares

  init(_ settings: ConfigReader) throws {
    column = try settings.string("by")
    shares = try Shares(settings)
  }

  var columns: [ColumnRequest] { [ColumnRequest(column, .words)] }

  func parts(of table: SplitTable, seed: UInt64) -> [Part] {
    guard case .codes(let codes, let words) = table.table.columns[columns[0]]! else { return [] }
    let ofWords = words.map { part("=" + $0, seed) }
    let ofNothing = part("", seed)
    var parts: [Part] = []
    parts.reserveCapacity(codes.count)
    codes.forEachBlock { _, block in
      for code in block { parts.append(code >= 0 ? ofWords[Int(code)] : ofNothing) }
    }
    return parts
  }

  /// The first 53 bits of SHA-256 of seed and value, as a number in 0..<1, against the shares.
  private func part(_ value: String, _ seed: UInt64) -> Part {
    let digest = Digest(of: "\(seed)\n\(value)")
    let place = Double(UInt64(digest.hex.prefix(16), radix: 16)! >> 11) * 0x1p-53
    return place < shares.test ? .test : place < shares.test + shares.validation ? .validation : .train
  }
}
