#if ExternalTables
  import CHDF5System
  import Diagnostics
  import Tables

  /// A dataset, or one member of its records, as columns that are read together.
  struct HDF5Part {
    let names: [String]
    /// What its rows are called, where they are a column of vectors; nil: nobody wants them.
    var rows: String?
    let element: HDF5Element
    let dataset: HDF5Dataset

    /// Appends rows from `first` on, as many as `count`, which must be there.
    ///
    /// - Parameters:
    ///   - columns: what they are appended to, one for each name; nil: it is passed over.
    ///   - vectors: is overwritten with the rows of numbers, row-major; nil: they are not wanted.
    func read(
      _ first: Int, _ count: Int, to columns: inout [RawColumnBuilder?], vectors: UnsafeMutablePointer<Double>? = nil,
      fault: (_ row: Int, _ column: Int, _ reason: String) -> Void
    ) throws(Failure) {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count * names.count * element.size, alignment: 64)
      defer { memory.deallocate() }
      guard let base = memory.baseAddress else { return }
      // Where the library fails half way, there is nothing to take back.
      memory.initializeMemory(as: UInt8.self, repeating: 0)
      let place = dataset.place
      let stored = try HDF5Object(H5Dget_space(dataset.object.number), at: place, close: H5Sclose)
      let shape = [hsize_t(count), hsize_t(names.count)].prefix(dataset.dimensions)
      let start = [hsize_t(first), 0].prefix(dataset.dimensions)
      _ = try HDF5Library.checked(
        H5Sselect_hyperslab(stored.number, H5S_SELECT_SET, Array(start), nil, Array(shape), nil), at: place)
      let space = try HDF5Object(
        H5Screate_simple(Int32(dataset.dimensions), Array(shape), nil), at: place, close: H5Sclose)
      let code = H5Dread(dataset.object.number, element.type.number, space.number, stored.number, hdf5_default(), base)
      defer {
        if case .variableText = element.kind {
          H5Dvlen_reclaim(element.type.number, space.number, hdf5_default(), base)
        }
      }
      _ = try HDF5Library.checked(code, at: place)
      if let vectors {
        for index in 0..<count * names.count { vectors[index] = element.double(base + index * element.size) }
      }
      for column in columns.indices where columns[column] != nil {
        for row in 0..<count {
          let reason = element.append(
            base + (row * names.count + column) * element.size, to: &columns[column]!)
          if let reason { fault(row, column, reason) }
        }
      }
    }
  }

  /// A dataset of one dimension or two, of which the first is the rows.
  final class HDF5Dataset {
    /// What messages call it.
    let place: String
    let object: HDF5Object
    let dimensions: Int
    let rows: Int
    private let width: Int
    private let name: String

    private static let mostColumns = 100_000

    /// Throws bad data (65) where it has another number of dimensions.
    init(_ object: HDF5Object, name: String, at place: String) throws(Failure) {
      (self.object, self.name, self.place) = (object, name, place)
      let space = try HDF5Object(H5Dget_space(object.number), at: place, close: H5Sclose)
      dimensions = Int(try HDF5Library.checked(H5Sget_simple_extent_ndims(space.number), at: place))
      guard 1...2 ~= dimensions else {
        throw Failure(
          .badData, at: place, "expected a dataset of 1 or 2 dimensions, found \(dimensions)",
          cure: "leave it out of the columns, or write it in other dimensions")
      }
      var shape: [hsize_t] = [0, 1]
      _ = try HDF5Library.checked(H5Sget_simple_extent_dims(space.number, &shape, nil), at: place)
      guard let rows = Int(exactly: shape[0]), let width = Int(exactly: shape[1]), 1...Self.mostColumns ~= width else {
        throw Failure(
          .badData, at: place, "expected 1 to \(Self.mostColumns) columns, found \(shape[1])",
          cure: "check the shape of the dataset")
      }
      (self.rows, self.width) = (rows, width)
    }

    /// Whether its elements are records.
    static func isOfRecords(_ object: HDF5Object, at place: String) throws(Failure) -> Bool {
      let type = try HDF5Object(H5Dget_type(object.number), at: place, close: H5Tclose)
      return H5Tget_class(type.number) == H5T_COMPOUND
    }

    /// Its columns: its own name, `name_0`, `name_1`, … where it has two dimensions, or the names of its records' members. Where
    /// its name is wanted, and rows have several numbers, these are a column of vectors.
    ///
    /// - Parameter wanted: those whose type must be one that can be read; nil means all.
    func parts(wanted: Set<String>?) throws(Failure) -> [HDF5Part] {
      let type = try HDF5Object(H5Dget_type(object.number), at: place, close: H5Tclose)
      guard H5Tget_class(type.number) == H5T_COMPOUND else {
        // A row of one number is that number.
        let isWanted = wanted?.contains(name) == true
        let isColumn = dimensions == 1 || width == 1 && isWanted
        let names = isColumn ? [name] : (0..<width).map { "\(name)_\($0)" }
        guard isWanted || names.contains(where: { wanted?.contains($0) ?? true }) else { return [] }
        let element = try HDF5Element(type, at: place)
        return [HDF5Part(names: names, rows: isWanted && !isColumn ? name : nil, element: element, dataset: self)]
      }
      guard dimensions == 1 else {
        throw Failure(
          .badData, at: place, "expected records of 1 dimension, found \(dimensions)",
          cure: "leave it out of the columns")
      }
      var parts: [HDF5Part] = []
      for index in 0..<UInt32(max(0, H5Tget_nmembers(type.number))) {
        let name = hdf5MemberName(type, index)
        guard wanted?.contains(name) ?? true else { continue }
        let place = "\(place), member '\(name.shown())'"
        let member = try HDF5Object(H5Tget_member_type(type.number, index), at: place, close: H5Tclose)
        let element = try HDF5Element(try HDF5Element(member, at: place), asMember: name, at: place)
        parts.append(HDF5Part(names: [name], element: element, dataset: self))
      }
      return parts
    }
  }
#endif
