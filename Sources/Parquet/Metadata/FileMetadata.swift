/// What the end of a file says of all of it: its columns, and where the values of each lie.
///
/// Source: `FileMetaData` of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
struct FileMetadata {
  /// The tree of the columns, depth first; the first is its root.
  var schema: [SchemaElement] = []
  /// Rows of all row groups.
  var rows = -1
  var groups: [RowGroup] = []
  /// Whether columns are encrypted, though the metadata are not.
  var isEncrypted = false

  /// Reads it; throws a `Fault` where it lacks something, and `ThriftReader.CutOff`.
  init(_ thrift: ThriftReader) throws {
    try thrift.fields { id, kind in
      switch id {
      case 2: try thrift.list(kind) { _ in schema.append(try SchemaElement(thrift)) }
      case 3: rows = try thrift.int(kind)
      case 4: try thrift.list(kind) { _ in groups.append(try RowGroup(thrift)) }
      case 8:
        isEncrypted = true
        try thrift.skip(kind)
      default: try thrift.skip(kind)
      }
    }
    guard !schema.isEmpty, rows >= 0 else {
      throw Fault("expected columns and a number of rows in its metadata, found none")
    }
    var sum = 0
    for group in groups {
      let (next, overflows) = sum.addingReportingOverflow(group.rows)
      guard !overflows else { throw Fault("expected \(rows) rows, found more than can be counted in its row groups") }
      sum = next
    }
    guard sum == rows else { throw Fault("expected \(rows) rows, found \(sum) in its row groups") }
  }
}

/// Some of the rows: for each column, where its values are.
struct RowGroup {
  var rows = -1
  /// In the order of the leaves of the schema.
  var columns: [ColumnChunk] = []

  init(_ thrift: ThriftReader) throws {
    try thrift.fields { id, kind in
      switch id {
      case 1: try thrift.list(kind) { _ in columns.append(try ColumnChunk(thrift)) }
      case 3: rows = try thrift.int(kind)
      default: try thrift.skip(kind)
      }
    }
    guard rows >= 0 else { throw Fault("expected a number of rows in each row group, found \(rows)") }
  }
}

/// The values of a column in a row group: pages, one behind the other.
struct ColumnChunk {
  /// Of the values, as `PhysicalType` numbers it.
  var type = -1
  /// As `Codec` numbers it.
  var codec = -1
  /// Missing ones included.
  var count = -1
  /// Bytes of its pages, with their headers.
  var size = -1
  /// The place of the first page in the file.
  var start = -1
  /// Whether its values are in another file.
  var isElsewhere = false
  var isEncrypted = false

  init(_ thrift: ThriftReader) throws {
    try thrift.fields { id, kind in
      switch id {
      case 1: isElsewhere = try !thrift.binary(kind).isEmpty
      case 3: try readMetadata(thrift, kind)
      case 8:
        isEncrypted = true
        try thrift.skip(kind)
      default: try thrift.skip(kind)
      }
    }
    guard isEncrypted || type >= 0 && codec >= 0 && count >= 0 && size >= 0 && start >= 0 else {
      throw Fault(
        "expected type, codec, count, size and place of each column in its metadata, found some missing or negative")
    }
  }

  private mutating func readMetadata(_ thrift: ThriftReader, _ kind: ThriftReader.Kind) throws {
    guard kind == .structure else { throw Fault("expected metadata of each column, found another type of Thrift") }
    var (data, dictionary) = (-1, 0)
    try thrift.fields { id, kind in
      switch id {
      case 1: type = try thrift.int(kind)
      case 4: codec = try thrift.int(kind)
      case 5: count = try thrift.int(kind)
      case 7: size = try thrift.int(kind)
      case 9: data = try thrift.int(kind)
      case 11: dictionary = try thrift.int(kind)
      default: try thrift.skip(kind)
      }
    }
    // Some write 0 where there is no dictionary, and some leave its place out and begin the data with it.
    start = dictionary > 0 ? min(dictionary, data) : data
  }
}
