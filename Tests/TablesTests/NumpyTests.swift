import Diagnostics
import Foundation
import Goldens
import TableChecks
import Tables
import TestSupport
import Testing

/// Arrays that NumPy has written, and what is refused.
@Suite struct NumpyTests {
  private func path(_ file: String) -> String { goldenPath("tables/\(file)") }

  private func failure(_ body: () throws -> Void) -> String { refusal(in: goldenPath("tables"), body) }

  @Test(arguments: [
    "little.npz", "big.npz", "packed.npz", "small.npz", "small-packed.npz", "zip64.npz",
  ]) func archivesAreReadAsWritten(file: String) throws {
    let expected = try GoldenColumns(file)
    let whole = try ReadTable(NumpyReader(npz: path(file)))
    #expect(expected.differences(from: whole) == [])
    for most in [1, 2, 3] {
      let part = try ReadTable(NumpyReader(npz: path(file)), most: most)
      // A number that is none is no other.
      #expect(expected.differences(from: part) == [] && part.rows == whole.rows)
    }
    for field in whole.fields {
      let alone = try ReadTable(NumpyReader(npz: path(file), columns: [field.name, "none of this name"]))
      #expect(alone.fields == [field] && alone[field.name] == whole[field.name])
    }
    #expect(try ReadTable(NumpyReader(npz: path(file), columns: [])).rows == whole.rows)
  }

  @Test(arguments: [
    "c-order.npy", "fortran-order.npy", "one-dimension.npy", "texts.npy", "version-2.npy", "version-3.npy", "empty.npy",
  ]) func arraysAreReadAsWritten(file: String) throws {
    let expected = try GoldenColumns(file)
    let whole = try ReadTable(NumpyReader(npy: path(file)))
    #expect(expected.differences(from: whole) == [])
    for most in [1, 2, 3] where whole.rows > 0 {
      let part = try ReadTable(NumpyReader(npy: path(file)), most: most)
      // A number that is none is no other.
      #expect(expected.differences(from: part) == [] && part.rows == whole.rows)
    }
  }

  @Test func columnsCanBeNamed() throws {
    let table = try ReadTable(NumpyReader(npy: path("c-order.npy"), names: ["x", "y", "z"], columns: ["y", "z"]))
    #expect(table.fields.map(\.name) == ["y", "z"])
    #expect(try table["y"] == ReadTable(NumpyReader(npy: path("c-order.npy")))["1"])
    #expect(
      failure { _ = try NumpyReader(npy: path("c-order.npy"), names: ["x"]) }
        == "78 c-order.npy: expected a name for each of 3 columns, found 1; name as many, or leave the names out")
  }

  /// The rows of two dimensions, where their name is asked for: the numbers of the columns, beside them or alone.
  @Test(arguments: [("little.npz", "many"), ("big.npz", "many"), ("packed.npz", "many"), ("packed.npz", "fortran")])
  func rowsAreVectors(file: String, name: String) throws {
    let columns = try ReadTable(NumpyReader(npz: path(file)))
    let expected = (0..<columns.rows).map { row in "\((0..<3).map { Double(columns["\(name)_\($0)"][row]!)! })" }
    for most in [1, 2, 1000] {
      let both = try ReadTable(NumpyReader(npz: path(file), columns: [name, "\(name)_1", "i4"]), most: most)
      #expect(words(both.fields).sorted() == ["\(name): vector", "\(name)_1: number", "i4: integer"].sorted())
      #expect(both[name] == expected && both["\(name)_1"] == columns["\(name)_1"] && both["i4"] == columns["i4"])
      let alone = try ReadTable(NumpyReader(npz: path(file), columns: [name]), most: most)
      #expect(words(alone.fields) == ["\(name): vector"] && alone[name] == expected)
    }
  }

  /// Of every type that is a number or a truth, in both orders of bytes and of dimensions: what columns of it hold.
  @Test func rowsOfEveryTypeAreVectors() throws {
    let folder = try Folder()
    let types = "|b1 |i1 |u1 <i2 >i2 <i4 >i4 <i8 >i8 <u2 >u2 <u4 >u4 <u8 >u8 <f2 >f2 <f4 >f4 <f8 >f8"
    for (type, order) in types.split(separator: " ").flatMap({ type in ["True", "False"].map { (type, $0) } }) {
      let bits = type == "|b1" ? 1 : 0x7f
      let elements = (0..<6 * Int("\(type.last!)")!).map { UInt8(($0 * 37 + 11) & bits) }
      let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (2, 3), }\n"
      let file = try folder.write(
        "x.npy", [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + elements)
      let (columns, rows) = try (ReadTable(NumpyReader(npy: file)), ReadTable(NumpyReader(npy: file, columns: ["x"])))
      func number(_ row: Int, _ column: Int) throws -> Double {
        let text = try #require(columns["\(column)"][row])
        return try ["true": 1.0, "false": 0.0][text] ?? #require(Double(text))
      }
      let expected = try (0..<2).map { row in "\(try (0..<3).map { try number(row, $0) })" }
      #expect(rows["x"] == expected && words(rows.fields) == ["x: vector"], "\(type), \(order)")
    }
  }

  /// A file of one array is called as it is in an archive; a row of one number is that number.
  @Test func namesOfRows() throws {
    let rows = try ReadTable(NumpyReader(npy: path("fortran-order.npy"), columns: ["fortran-order", "0"]))
    #expect(
      words(rows.fields) == ["0: number", "fortran-order: vector"] && rows["fortran-order"][0] == "[-1.0, -0.75, -0.5]")
    let single = try ReadTable(NumpyReader(npy: path("one-dimension.npy"), columns: ["one-dimension"]))
    #expect(words(single.fields) == ["one-dimension: integer"])
    #expect(
      failure { _ = try NumpyReader(npy: path("texts.npy"), columns: ["texts"]) }
        == "65 texts.npy: expected numbers in rows that are vectors, found text elements; name one of its columns, 0")
    #expect(try NumpyReader(npz: path("small.npz"), columns: ["a_0"]).fields == [])
  }

  @Test func valuesThatAreNoneAreFaults() throws {
    let table = try ReadTable(NumpyReader(npz: path("faults.npz")))
    #expect(
      table.faults.map { $0.replacing(path("") + "/", with: "").replacing(path(""), with: "") }
        == [
          "faults.npz, row 1: column 'large': expected an integer of at most 9223372036854775807, found 18446744073709551615",
          "faults.npz, row 2: column 'bytes': expected UTF-8, found other bytes",
          "faults.npz, row 2: column 'scalars': expected a text of Unicode, found other numbers",
          "faults.npz, row 3: column 'hours': expected an instant within 292,000 years of 1970, found 9223372036854775807 units",
          "faults.npz, row 3: column 'days': expected a day within 5.8 million years of 1970, found 9223372036854775807 days",
        ].sorted { ($0.split(separator: ":")[0], $0) < ($1.split(separator: ":")[0], $1) })
    #expect(table["large"] == ["?", "?", "?", "4"])
  }

  @Test(arguments: [
    (
      "objects.npy",
      "objects of Python, which may run code when they are read; convert it before saving: array.astype(float), or str"
    ),
    ("complex.npy", "complex numbers; save array.real and array.imag"),
    ("longdouble.npy", "numbers of 16 bytes; convert it: array.astype('float64')"),
    ("durations.npy", "the type <m8[s]; convert it by array.astype"),
    ("months.npy", "times in the unit [M]; convert it: array.astype('datetime64[us]')"),
    ("raw.npy", "the type |V3; convert it by array.astype"),
  ]) func typesWithoutAPlaceAreRefused(file: String, found: String) {
    #expect(
      failure { _ = try NumpyReader(npy: path(file)) }
        == "65 \(file): expected numbers, truths, texts or times, found \(found)")
  }

  @Test func shapesWithoutAPlaceAreRefused() throws {
    func npy(_ file: String) -> String { failure { _ = try NumpyReader(npy: path(file)) } }
    #expect(
      npy("records.npy")
        == "65 records.npy: expected an array of single values, found one of records; save its fields as arrays of their own, by numpy.savez"
    )
    #expect(
      npy("scalar.npy") == "65 scalar.npy: expected an array of 1 or 2 dimensions, found 0; leave it out")
    #expect(
      npy("three.npy")
        == "65 three.npy: expected an array of 1 or 2 dimensions, found 3; save array.reshape(len(array), -1)")
    #expect(
      npy("small.npz")
        == "65 small.npz: expected an array in the format of NumPy, found another file, or a damaged one; check that this is the right file, and all of it"
    )
    #expect(
      failure { _ = try NumpyReader(npz: path("c-order.npy")) }
        == "65 c-order.npy: expected a ZIP archive, found no end of its directory; check that this is the right file, and all of it"
    )
    #expect(
      failure { _ = try NumpyReader(npz: path("unequal.npz")) }
        == "65 unequal.npz, array 'b': expected 2 rows, as in the first array, found 3; save arrays of one length, or name the columns of those that belong together"
    )
    #expect(try ReadTable(NumpyReader(npz: path("unequal.npz"), columns: ["b"])).rows == 3)
    #expect(
      failure { _ = try NumpyReader(npy: path("none.npy")) }
        == "66 none.npy: open: No such file or directory; check the path and its permissions")
  }

  @Test func aFileThatIsTooShortOrTooLongIsRefused() throws {
    let folder = try Folder()
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: path("c-order.npy"))))
    func expected(_ found: Int) -> String {
      "65 \(folder["a.npy"]): expected 60 bytes of elements, for 5×3, found \(found); fetch the file again, or save the array alone"
    }
    let short = try folder.write("a.npy", Array(whole.dropLast()))
    #expect(failure { _ = try NumpyReader(npy: short) } == expected(59))
    let long = try folder.write("a.npy", whole + [0])
    #expect(failure { _ = try NumpyReader(npy: long) } == expected(61))
  }
}
