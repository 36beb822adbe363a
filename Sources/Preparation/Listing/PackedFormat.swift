import Configuration
import Formats
import Tables

/// Makes something of listed files as their rows are read: their rows get columns that tell of it, the others are faults of theirs.
protocol RowPacker: AnyObject, Sendable {
  var listing: any FileListing { get }
  /// The columns that rows get.
  static var columns: [RawField] { get }
  /// The rows of a chunk with these columns. One thread at a time calls it.
  func pack(_ chunk: TableChunk, in fields: [RawField], of source: String, _ bytes: any FileBytes) throws
    -> TableChunk
}

/// The rows of a listing, whose files are packed as they are read.
struct PackedFormat: TableFormat {
  static let kind = "packed"
  static let summary = "files as they are packed"

  let packer: any RowPacker
  private var table: any TableFormat { packer.listing.table }
  private var columns: [RawField] { type(of: packer).columns }

  init(_ packer: any RowPacker) { self.packer = packer }

  // Nobody names it.
  init(_ settings: ConfigReader) throws { throw settings.failure(at: Self.kind, "expected another kind") }
  init(file: String) throws { preconditionFailure("\(file) is no listing") }
  func reading(_ file: String) -> PackedFormat { self }

  func sources() throws -> [String] { try table.sources() }
  func told(by source: String) throws -> String? { try table.told(by: source) }
  func columns(of source: String) throws -> [TableColumn]? { try table.columns(of: source) }

  func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    let wanted = columns.map {
      $0.subtracting(self.columns.map(\.name)).union(packer.listing.columns + [packer.listing.path])
    }
    return Reader(
      try table.open(source, columns: wanted), source: source, packer, columns: self.columns,
      try packer.listing.bytes(of: source))
  }

  private final class Reader: TableReader {
    let fields: [RawField]
    private let rows: any TableReader
    private let source: String
    private let packer: any RowPacker
    private let bytes: any FileBytes

    /// Rows at a time.
    private static let most = 1024

    init(
      _ rows: any TableReader, source: String, _ packer: any RowPacker, columns: [RawField], _ bytes: any FileBytes
    ) {
      (self.rows, self.source, self.packer, self.bytes) = (rows, source, packer, bytes)
      fields = rows.fields + columns
    }

    func next(most: Int) throws -> TableChunk? {
      guard let chunk = try rows.next(most: min(most, Self.most)) else { return nil }
      return try packer.pack(chunk, in: rows.fields, of: source, bytes)
    }
  }
}
