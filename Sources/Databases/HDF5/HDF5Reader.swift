#if ExternalTables
  import CHDF5System
  import Diagnostics
  import Files
  import Tables

  /// The rows of datasets in an HDF5 file, as h5py and others write them.
  ///
  /// A dataset is a column where it has one dimension, several (`name_0`, `name_1`, …) where it has two, or one of vectors where
  /// that is asked for by its name, and where it holds records, a column for each of their members. A group is the columns of
  /// all datasets directly in it, in the order of their names' bytes, which must have as many rows. Elements are integers,
  /// numbers, texts of fixed or varying length, and truths as h5py writes them.
  public final class HDF5Reader: TableReader {
    public let fields: [RawField]

    /// Bytes of elements after which a chunk ends, about.
    private static let chunkBytes = 64 << 20
    /// Rows of a chunk: nobody knows how long texts of varying length are.
    private static let chunkRows = 1 << 16

    private let path: String
    private let rows: Int
    /// It stays open as long as anything in it.
    private var file: HDF5Object?
    private var parts: [HDF5Part]
    private var columns: [[RawColumnBuilder?]]
    private let bytesPerRow: Int
    /// Rows that were read.
    private var count = 0

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - dataset: the path of a dataset or a group in it.
    ///   - columns: those that are read; nil means all. Other datasets need have no place in a table.
    ///
    /// Throws a missing input (66) where there is no such file or nothing at that path, and bad data (65) where what is there is no
    /// table.
    public init(_ path: String, dataset: String = "/", columns wanted: Set<String>? = nil) throws {
      // The library tells less of what is wrong.
      _ = try RegularFile(path, cure: "check the path and its permissions")
      let (file, parts, rows) = try HDF5Library.locked { () throws -> (HDF5Object, [HDF5Part], Int) in
        guard H5Fis_hdf5(path) > 0 else {
          throw Failure(
            .badData, at: path, "expected an HDF5 file, found another",
            cure: "check that this is the right file, and all of it")
        }
        let file = try HDF5Library.file(path)
        let (found, rows) = try Self.parts(of: file, path, dataset, wanted)
        let parts = try Self.settlingRows(found)
        let names = parts.flatMap(\.names).filter { wanted?.contains($0) ?? true }
        if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
          throw Failure(
            .badData, at: path, "expected columns with names of their own, found '\(twice.shown())' twice",
            cure: "name one dataset")
        }
        return (file, parts, rows)
      }
      columns = parts.map { part in
        part.names.map { wanted?.contains($0) ?? true ? RawColumnBuilder(part.element.raw) : nil }
      }
      fields = parts.flatMap { part in
        part.names.filter { wanted?.contains($0) ?? true }.map { RawField($0, part.element.raw) }
          + (part.rows.map { [RawField($0, .vector)] } ?? [])
      }
      bytesPerRow = parts.reduce(16) { $0 + $1.names.count * (2 * $1.element.size + 9) }
      (self.path, self.file, self.parts, self.rows) = (path, file, parts, rows)
    }

    deinit {
      // Nobody may open it in between.
      HDF5Library.locked {
        parts = []
        file = nil
      }
    }

    public func next(most: Int) throws -> TableChunk? {
      let number = min(most, rows - count, Self.chunkRows, max(1, Self.chunkBytes / bytesPerRow))
      guard number > 0 else { return nil }
      var (read, faults) = ([RawColumn](), [RowFault]())
      try HDF5Library.locked {
        for (index, part) in parts.enumerated() {
          let (width, isWanted) = (part.names.count, part.rows != nil)
          let vectors = try [Double](unsafeUninitializedCapacity: isWanted ? number * width : 0) { numbers, filled in
            try part.read(count, number, to: &columns[index], vectors: isWanted ? numbers.baseAddress : nil) {
              row, column, reason in
              faults.append(RowFault(row: row, column: part.names[column], reason))
            }
            filled = isWanted ? number * width : 0
          }
          for column in columns[index].indices where columns[index][column] != nil {
            read.append(columns[index][column]!.taken())
          }
          if isWanted { read.append(RawColumn(.vectors(vectors, width: width))) }
        }
      }
      count += number
      faults.sort { ($0.row, $0.column ?? "") < ($1.row, $1.column ?? "") }
      return TableChunk(
        count: number, columns: read, places: RowPlaces(path, first: count - number + 1), faults: faults)
    }

    /// Leaves out rows whose name is that of a column, which goes before it; throws where they are no numbers.
    private static func settlingRows(_ parts: [HDF5Part]) throws(Failure) -> [HDF5Part] {
      let columns = Set(parts.flatMap(\.names))
      var settled = parts
      for (index, part) in parts.enumerated() {
        guard let name = part.rows else { continue }
        if columns.contains(name) {
          settled[index].rows = nil
        } else if !part.element.isNumeric {
          throw Failure(
            .badData, at: part.dataset.place,
            "expected numbers in rows that are vectors, found \(part.element.raw) elements",
            cure: "name one of its columns, \(part.names[0])")
        }
      }
      return settled
    }

    /// What is read together, and how many rows there are, also where nothing is wanted of them.
    private static func parts(
      of file: HDF5Object, _ path: String, _ name: String, _ wanted: Set<String>?
    ) throws(Failure) -> ([HDF5Part], rows: Int) {
      let place = "\(path), '\(name.shown())'"
      let found = H5Oopen(file.number, name, hdf5_default())
      guard found >= 0 else {
        throw Failure(
          .missingInput, at: place, "expected a dataset or a group, found none", cure: "list what there is (h5ls -r)")
      }
      let object = try HDF5Object(found, at: place, close: H5Oclose)
      let last = name.split(separator: "/").last.map(String.init) ?? name
      switch H5Iget_type(object.number) {
      case H5I_DATASET:
        let dataset = try HDF5Dataset(object, name: last, at: place)
        return (try dataset.parts(wanted: wanted), dataset.rows)
      case H5I_GROUP: return try parts(ofGroup: object, at: path, name, wanted)
      default:
        throw Failure(
          .badData, at: place, "expected a dataset or a group, found a type", cure: "list what there is (h5ls -r)")
      }
    }

    private static func parts(
      ofGroup group: HDF5Object, at path: String, _ groupName: String, _ wanted: Set<String>?
    ) throws(Failure) -> ([HDF5Part], rows: Int) {
      let place = "\(path), '\(groupName.shown())'"
      var info = H5G_info_t()
      _ = try HDF5Library.checked(H5Gget_info(group.number, &info), at: place)
      var (parts, rows) = ([HDF5Part](), nil as Int?)
      for index in 0..<info.nlinks {
        let name = try linkName(index, in: group, at: place)
        let place = "\(path), '\(groupName.hasSuffix("/") ? groupName : groupName + "/")\(name)'".shown()
        let object = try HDF5Object(H5Oopen(group.number, name, hdf5_default()), at: place, close: H5Oclose)
        guard H5Iget_type(object.number) == H5I_DATASET else { continue }
        // The first one tells how many rows there are; records have columns of other names.
        let mayBeWanted = wanted?.contains { $0 == name || $0.hasPrefix("\(name)_") } ?? true
        if !mayBeWanted, rows != nil {
          guard try HDF5Dataset.isOfRecords(object, at: place) else { continue }
        }
        let dataset = try HDF5Dataset(object, name: name, at: place)
        let these = try dataset.parts(wanted: wanted)
        if let first = parts.first?.dataset, !these.isEmpty, first.rows != dataset.rows {
          throw Failure(
            .badData, at: place, "expected \(first.rows) rows, as in \(first.place), found \(dataset.rows)",
            cure: "name one dataset, or the columns of those that belong together")
        }
        if parts.isEmpty { rows = dataset.rows }
        parts += these
      }
      guard let rows else {
        throw Failure(
          .badData, at: place, "expected datasets in the group, found none", cure: "name a dataset (h5ls -r lists them)"
        )
      }
      return (parts, rows)
    }

    /// The name of a link, in the order of their bytes.
    private static func linkName(_ index: hsize_t, in group: HDF5Object, at place: String) throws(Failure) -> String {
      func read(_ text: inout [CChar]) throws(Failure) -> Int {
        try HDF5Library.checked(
          H5Lget_name_by_idx(
            group.number, ".", H5_INDEX_NAME, H5_ITER_INC, index, &text, text.count, hdf5_default()), at: place)
      }
      var text = [CChar](repeating: 0, count: 1)
      let length = try read(&text)
      text = [CChar](repeating: 0, count: min(length, 1 << 16) + 1)
      _ = try read(&text)
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
#endif
