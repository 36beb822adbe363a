#if ExternalTables
  import CHDF5System
  import Diagnostics
  import Tables

  /// What an element of a dataset is, and the type that it is read as.
  struct HDF5Element {
    enum Kind {
      case boolean, integer, unsigned, number
      /// Bytes of a fixed number, filled up with zeros or spaces.
      case fixedText(fill: UInt8)
      case variableText
    }

    /// The longest text of a fixed number of bytes.
    private static let longest = 1 << 20

    let kind: Kind
    /// In memory, as the library fills it.
    let type: HDF5Object
    /// Bytes in memory.
    let size: Int

    var raw: RawType {
      switch kind {
      case .boolean: .boolean
      case .integer, .unsigned: .integer
      case .number: .number
      case .fixedText, .variableText: .text
      }
    }

    /// - Parameters:
    ///   - stored: the type of the elements in the file.
    ///   - place: a dataset, or a member of one, for messages.
    init(_ stored: HDF5Object, at place: String) throws(Failure) {
      func copy(_ type: hid_t) throws(Failure) -> HDF5Object {
        try HDF5Object(H5Tcopy(type), at: place, close: H5Tclose)
      }
      let stated = H5Tget_size(stored.number)
      switch H5Tget_class(stored.number) {
      case H5T_INTEGER where stated <= 8:
        let isUnsigned = stated == 8 && H5Tget_sign(stored.number) == H5T_SGN_NONE
        (kind, size) = (isUnsigned ? .unsigned : .integer, 8)
        type = try copy(isUnsigned ? hdf5_uint64() : hdf5_int64())
      case H5T_FLOAT: (kind, size, type) = (.number, 8, try copy(hdf5_double()))
      case H5T_ENUM where stated == 1 && Self.isBoolean(stored):
        (kind, size, type) = (.boolean, 1, try copy(stored.number))
      case H5T_STRING:
        type = try copy(hdf5_c_string())
        _ = try HDF5Library.checked(H5Tset_cset(type.number, H5Tget_cset(stored.number)), at: place)
        if H5Tis_variable_str(stored.number) > 0 {
          (kind, size) = (.variableText, MemoryLayout<UnsafeMutablePointer<CChar>?>.size)
          _ = try HDF5Library.checked(H5Tset_size(type.number, hdf5_variable()), at: place)
        } else {
          guard 1...Self.longest ~= stated else {
            throw Self.refused("texts of \(stated) bytes", at: place)
          }
          let fill = H5Tget_strpad(stored.number)
          (kind, size) = (.fixedText(fill: fill == H5T_STR_SPACEPAD ? 0x20 : 0), stated)
          _ = try HDF5Library.checked(H5Tset_size(type.number, stated), at: place)
          _ = try HDF5Library.checked(H5Tset_strpad(type.number, fill), at: place)
        }
      case H5T_COMPOUND: throw Self.refused("records in records", at: place)
      case H5T_ARRAY: throw Self.refused("arrays in an element", at: place)
      case H5T_VLEN: throw Self.refused("lists of varying length", at: place)
      case H5T_REFERENCE: throw Self.refused("references", at: place)
      case H5T_ENUM: throw Self.refused("labels of an enumeration", at: place)
      default: throw Self.refused("another type", at: place)
      }
    }

    /// The same as the only member of a record: reading it leaves the others out.
    init(_ element: HDF5Element, asMember name: String, at place: String) throws(Failure) {
      (kind, size) = (element.kind, element.size)
      type = try HDF5Object(H5Tcreate(H5T_COMPOUND, size), at: place, close: H5Tclose)
      _ = try HDF5Library.checked(H5Tinsert(type.number, name, 0, element.type.number), at: place)
    }

    /// What h5py makes of truths.
    private static func isBoolean(_ type: HDF5Object) -> Bool {
      guard H5Tget_nmembers(type.number) == 2 else { return false }
      return hdf5MemberName(type, 0) == "FALSE" && hdf5MemberName(type, 1) == "TRUE"
    }

    private static func refused(_ found: String, at place: String) -> Failure {
      Failure(
        .badData, at: place, "expected numbers, truths or texts, found \(found)",
        cure: "write them as datasets of numbers or texts, or leave it out of the columns")
    }

    /// Whether it is a number, or a truth, which is 0 or 1.
    var isNumeric: Bool {
      switch kind {
      case .boolean, .integer, .unsigned, .number: true
      case .fixedText, .variableText: false
      }
    }

    /// The number at `place`: see `isNumeric`. Integers of 64 bits are rounded to the nearest.
    func double(_ place: UnsafeRawPointer) -> Double {
      switch kind {
      case .boolean: place.load(as: UInt8.self) != 0 ? 1 : 0
      case .integer: Double(place.loadUnaligned(as: Int64.self))
      case .unsigned: Double(place.loadUnaligned(as: UInt64.self))
      case .number: place.loadUnaligned(as: Double.self)
      case .fixedText, .variableText: preconditionFailure("a text in a vector")
      }
    }

    /// Appends the element at `place`; returns what is wrong with it, where it is no value.
    func append(_ place: UnsafeRawPointer, to rows: inout RawColumnBuilder) -> String? {
      switch kind {
      case .boolean: rows.append(boolean: place.load(as: UInt8.self) != 0)
      case .integer: rows.append(integer: place.loadUnaligned(as: Int64.self))
      case .number: rows.append(number: place.loadUnaligned(as: Double.self))
      case .unsigned:
        let number = place.loadUnaligned(as: UInt64.self)
        guard let integer = Int64(exactly: number) else {
          rows.appendMissing()
          return "expected an integer of at most \(Int64.max), found \(number)"
        }
        rows.append(integer: integer)
      case .fixedText(let fill):
        let all = UnsafeRawBufferPointer(start: place, count: size)
        let text = all[..<(all.lastIndex { $0 != fill && $0 != 0 }.map { $0 + 1 } ?? 0)]
        return append(UnsafeRawBufferPointer(rebasing: text.prefix { $0 != 0 }), to: &rows)
      case .variableText:
        // What is empty may have no place.
        let text = place.loadUnaligned(as: UnsafePointer<CChar>?.self)
        var length = 0
        while let text, text[length] != 0 { length += 1 }
        return append(UnsafeRawBufferPointer(start: text, count: length), to: &rows)
      }
      return nil
    }

    private func append(_ text: UnsafeRawBufferPointer, to rows: inout RawColumnBuilder) -> String? {
      guard isUTF8(text.bindMemory(to: UInt8.self)) else {
        rows.appendMissing()
        return "expected UTF-8, found other bytes"
      }
      rows.append(text: text)
      return nil
    }
  }

  /// The name of a member of a record or an enumeration; empty where there is none.
  func hdf5MemberName(_ type: HDF5Object, _ index: UInt32) -> String {
    guard let name = H5Tget_member_name(type.number, index) else { return "" }
    defer { H5free_memory(name) }
    return String(cString: name)
  }
#endif
