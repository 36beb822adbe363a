import Configuration
import Formats
import Tables

/// The rows of a listing, whose pictures are packed as they are read.
struct PackedFormat: TableFormat {
  static let kind = "pictures"
  static let summary = "pictures as they are packed"

  let packer: PicturePacker
  private var table: any TableFormat { packer.listing.table }

  init(_ packer: PicturePacker) { self.packer = packer }

  // Nobody names it.
  init(_ settings: ConfigReader) throws { throw settings.failure(at: Self.kind, "expected another kind") }
  init(file: String) throws { preconditionFailure("\(file) is no listing") }
  func reading(_ file: String) -> PackedFormat { self }

  func sources() throws -> [String] { try table.sources() }
  func told(by source: String) throws -> String? { try table.told(by: source) }
  func columns(of source: String) throws -> [TableColumn]? { try table.columns(of: source) }

  func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    let wanted = columns.map {
      $0.subtracting([PicturePacker.column]).union(packer.listing.columns + [packer.listing.path])
    }
    return Reader(
      try table.open(source, columns: wanted), source: source, packer, try packer.listing.bytes(of: source))
  }

  private final class Reader: TableReader {
    let fields: [RawField]
    private let rows: any TableReader
    private let source: String
    private let packer: PicturePacker
    private let bytes: any PictureBytes

    /// Rows at a time.
    private static let most = 1024

    init(_ rows: any TableReader, source: String, _ packer: PicturePacker, _ bytes: any PictureBytes) {
      (self.rows, self.source, self.packer, self.bytes) = (rows, source, packer, bytes)
      fields = rows.fields + [RawField(PicturePacker.column, .number)]
    }

    func next(most: Int) throws -> TableChunk? {
      guard let chunk = try rows.next(most: min(most, Self.most)) else { return nil }
      return try packer.pack(chunk, in: rows.fields, of: source, bytes)
    }
  }
}
