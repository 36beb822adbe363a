import Diagnostics
import Files

/// The rows of arrays of NumPy: of a file of one (`numpy.save`), or an archive of several (`numpy.savez`, packed or not).
///
/// Elements are truths, integers, numbers of 2, 4 or 8 bytes, texts (`str_`, and `bytes_` of UTF-8), and times from days to
/// nanoseconds, which are rounded down to microseconds; in either order of bytes and of dimensions. An integer too large for a
/// signed one of 64 bits, and a text that is none, are faults of their rows; a time that is not there (NaT) is missing, and a
/// number that is none (NaN) is a number.
package final class NumpyReader: TableReader {
  package let fields: [RawField]

  /// Bytes of elements after which a chunk ends, about.
  private static let chunkBytes = 64 << 20

  /// An array, and what is made of it.
  private struct Part {
    let array: NumpyArray
    /// Of its columns.
    let names: [String]
    /// What its rows are called, where they are a column of vectors; nil: nobody wants them.
    let rows: String?
    var columns: [RawColumnBuilder?]

    init(_ array: NumpyArray, _ names: [String], rows: String?, wanted: Set<String>?) {
      (self.array, self.names, self.rows) = (array, names, rows)
      columns = names.map { wanted?.contains($0) ?? true ? RawColumnBuilder(array.type.raw) : nil }
    }

    var fields: [RawField] {
      let own = zip(names, columns).filter { $0.1 != nil }.map { RawField($0.0, array.type.raw) }
      return own + (rows.map { [RawField($0, .vector)] } ?? [])
    }
  }

  private let path: String
  private let rows: Int
  private var parts: [Part]
  private let bytesPerRow: Int
  /// Rows that were read.
  private var count = 0

  /// Opens a file of one array.
  ///
  /// - Parameters:
  ///   - names: of its columns; nil means `0`, `1`, …
  ///   - columns: those that are read; nil means all. The rows of an array of two dimensions are one of vectors where it is called
  ///     as the file, `x` of `x.npy`: so an archive calls what such a file is in it.
  ///
  /// Throws a missing input (66) where there is no such file, and bad data (65) where it is no array of one or two dimensions.
  package convenience init(npy path: String, names: [String]? = nil, columns: Set<String>? = nil) throws {
    let file = try RegularFile(path, cure: "check the path and its permissions")
    let array = try NumpyArray(at: path, isPacked: false) { PlainBytes(file) }
    guard names == nil || names?.count == array.width else {
      throw Failure(
        .badConfiguration, at: path,
        "expected a name for each of \(Diagnostics.count(array.width, "column")), found "
          + "\(names?.count ?? 0)", cure: "name as many, or leave the names out")
    }
    let name = path.split(separator: "/").last.map { String($0.prefix { $0 != "." }) } ?? ""
    let isColumn = array.width == 1 && columns?.contains(name) == true
    let own = names ?? (isColumn ? [name] : (0..<array.width).map(String.init))
    try self.init(path, [(array, name, own)], rows: array.rows, wanted: columns)
  }

  /// Opens an archive of arrays that have as many rows: one of one dimension is a column of its name, one of two is the columns
  /// `name_0`, `name_1`, … and, where `columns` name it as a whole, a column of vectors, its rows.
  ///
  /// - Parameter columns: those that are read; nil means all. Other arrays need have no place in a table.
  ///
  /// Throws a missing input (66) where there is no such file, and bad data (65) where it is no such archive.
  package convenience init(npz path: String, columns wanted: Set<String>? = nil) throws {
    let archive = try ZipArchive(
      RegularFile(path, cure: "check the path and its permissions"),
      cure: "write the file by numpy.savez or numpy.savez_compressed")
    var arrays: [(array: NumpyArray, name: String, columns: [String])] = []
    for member in archive.members where Self.mayHave(wanted, member.arrayName) {
      let name = member.arrayName
      let place = "\(path), array '\(name.shown())'"
      let array = try NumpyArray(at: place, isPacked: member.method == 8) { try ZipBytes(member, in: archive) }
      // A row of one number is that number.
      let isColumn = array.isSingle || array.width == 1 && wanted?.contains(name) == true
      let names = isColumn ? [name] : (0..<array.width).map { "\(name)_\($0)" }
      guard arrays.isEmpty || array.rows == arrays[0].array.rows else {
        throw Failure(
          .badData, at: place, "expected \(arrays[0].array.rows) rows, as in the first array, found \(array.rows)",
          cure: "save arrays of one length, or name the columns of those that belong together")
      }
      if (names + [name]).contains(where: { wanted?.contains($0) ?? true }) { arrays.append((array, name, names)) }
    }
    if arrays.isEmpty, wanted == nil {
      throw Failure(
        .badData, at: path, "expected an archive of arrays, found none in it", cure: "check that this is the right file"
      )
    }
    // Where nothing is wanted of them, there are rows all the same.
    let first =
      try arrays.first?.array
      ?? archive.members.first.map { member in
        try NumpyArray(at: path, isPacked: member.method == 8) { try ZipBytes(member, in: archive) }
      }
    try self.init(path, arrays, rows: first?.rows ?? 0, wanted: wanted)
  }

  /// Whether an array may be one of the wanted columns, or several of them.
  private static func mayHave(_ wanted: Set<String>?, _ name: String) -> Bool {
    wanted?.contains { $0 == name || $0.hasPrefix("\(name)_") } ?? true
  }

  private init(
    _ path: String, _ all: [(array: NumpyArray, name: String, columns: [String])], rows: Int, wanted: Set<String>?
  ) throws {
    (self.path, self.rows) = (path, rows)
    // The name of a column goes before that of an array.
    let columns = Set(all.flatMap(\.columns))
    parts = try all.map { array, name, names in
      guard wanted?.contains(name) == true, !columns.contains(name) else {
        return Part(array, names, rows: nil, wanted: wanted)
      }
      guard array.type.isNumeric else {
        throw Failure(
          .badData, at: array.place, "expected numbers in rows that are vectors, found \(array.type.raw) elements",
          cure: "name one of its columns, \(names[0])")
      }
      return Part(array, names, rows: name, wanted: wanted)
    }
    fields = parts.flatMap(\.fields)
    var seen: Set<String> = []
    if let twice = fields.first(where: { !seen.insert($0.name).inserted }) {
      throw Failure(
        .badData, at: path, "expected columns with names of their own, found '\(twice.name.shown())' twice",
        cure: "rename one")
    }
    bytesPerRow = all.reduce(16) { $0 + $1.array.width * (2 * $1.array.type.width + 9) }
  }

  package func next(most: Int) throws -> TableChunk? {
    let number = min(most, rows - count, max(1, Self.chunkBytes / bytesPerRow))
    guard number > 0 else { return nil }
    var (read, faults) = ([RawColumn](), [RowFault]())
    for index in parts.indices {
      let (array, names, width) = (parts[index].array, parts[index].names, parts[index].array.width)
      func readColumns(vectors: UnsafeMutablePointer<Double>? = nil) throws {
        try array.read(count, number, to: &parts[index].columns, vectors: vectors) { row, column, reason in
          faults.append(RowFault(row: row, column: names[column], reason))
        }
        for column in names.indices where parts[index].columns[column] != nil {
          read.append(parts[index].columns[column]!.taken())
        }
      }
      guard parts[index].rows != nil else {
        try readColumns()
        continue
      }
      let vectors = try [Double](unsafeUninitializedCapacity: number * width) { numbers, count in
        try readColumns(vectors: numbers.baseAddress!)
        count = number * width
      }
      read.append(RawColumn(.vectors(vectors, width: width)))
    }
    count += number
    faults.sort { ($0.row, $0.column ?? "") < ($1.row, $1.column ?? "") }
    return TableChunk(
      count: number, columns: read, places: RowPlaces(path, first: count - number + 1), faults: faults)
  }
}

extension ZipArchive.Member {
  /// What NumPy calls it.
  fileprivate var arrayName: String { name.hasSuffix(".npy") ? String(name.dropLast(4)) : name }
}
