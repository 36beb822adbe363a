#if ExternalTables
  import Databases
  import Diagnostics
  import Foundation
  import Goldens
  import TableChecks
  import Tables
  import TestSupport
  import Testing

  /// Files that h5py has written, and what is refused.
  @Suite struct HDF5Tests {
    private func path(_ file: String) -> String { goldenPath("tables/\(file)") }

    private func read(_ file: String, _ dataset: String = "/", columns: Set<String>? = nil, most: Int = 1000) throws
      -> ReadTable
    {
      try ReadTable(try HDF5Reader(path(file), dataset: dataset, columns: columns), most: most)
    }

    private func failure(_ body: () throws -> Void) -> String { refusal(in: goldenPath("tables"), body) }

    @Test(arguments: [
      ("arrays.h5", "/", "arrays.h5"), ("records.h5", "people", "records.h5/people"),
      ("records.h5", "/deep", "records.h5/deep/noted"), ("records.h5", "/deep/noted", "records.h5/deep/noted"),
    ]) func filesAreReadAsWritten(file: String, dataset: String, twin: String) throws {
      let whole = try read(file, dataset)
      let expected = try GoldenColumns(twin)
      #expect(expected.differences(from: whole) == [])
      for most in [1, 2, 3] {
        let part = try read(file, dataset, most: most)
        #expect(expected.differences(from: part) == [] && part.rows == whole.rows)
      }
      for field in whole.fields {
        let alone = try read(file, dataset, columns: [field.name, "none of this name"])
        #expect(alone.fields == [field] && alone[field.name] == whole[field.name])
      }
      #expect(try read(file, dataset, columns: []).rows == whole.rows)
    }

    /// The rows of two dimensions, where their name is asked for: the numbers of the columns, beside them or alone.
    @Test func rowsAreVectors() throws {
      let columns = try read("arrays.h5")
      let expected = (0..<5).map { row in "\((0..<3).map { Double(columns["many_\($0)"][row]!)! })" }
      for (dataset, most) in [("/", 1), ("/", 1000), ("many", 2)] {
        let alone = try read("arrays.h5", dataset, columns: ["many"], most: most)
        #expect(words(alone.fields) == ["many: vector"] && alone["many"] == expected)
        let both = try read("arrays.h5", dataset, columns: ["many", "many_2"], most: most)
        #expect(words(both.fields) == ["many_2: number", "many: vector"] && both["many"] == expected)
        #expect(both["many_2"] == columns["many_2"])
      }
      #expect(try words(read("arrays.h5", columns: ["i4l", "truths"]).fields) == ["i4l: integer", "truths: boolean"])
    }

    @Test func whatFillsTextsIsLeftOut() throws {
      #expect(try read("arrays.h5", "/spaces/padded")["padded"] == ["ab", "  c"])
      #expect(try read("arrays.h5", "inside")["x"] == ["1", "2", "3"])
    }

    @Test func valuesThatAreNoneAreFaults() throws {
      #expect(
        try read("refused.h5", columns: ["large", "bad", "two"]).faults.map {
          $0.replacing(goldenPath("tables") + "/", with: "")
        } == [
          "refused.h5, row 2: column 'bad': expected UTF-8, found other bytes",
          "refused.h5, row 2: column 'large': expected an integer of at most 9223372036854775807, found 18446744073709551615",
        ])
    }

    @Test(arguments: [
      ("lists", "lists of varying length"), ("arrays', member 'a", "arrays in an element"),
      ("nested', member 'a", "records in records"), ("labels", "labels of an enumeration"), ("opaque", "another type"),
      ("references", "references"),
    ]) func typesWithoutAPlaceAreRefused(name: String, found: String) {
      let dataset = String(name.prefix { $0 != "'" })
      #expect(
        failure { _ = try read("refused.h5", dataset) }
          == "65 refused.h5, '\(name)': expected numbers, truths or texts, found \(found); write them as datasets of numbers or texts, or leave it out of the columns"
      )
    }

    @Test func whatIsNoTableIsRefused() throws {
      #expect(
        failure { _ = try read("refused.h5", "scalar") }
          == "65 refused.h5, 'scalar': expected a dataset of 1 or 2 dimensions, found 0; leave it out of the columns, or write it in other dimensions"
      )
      #expect(
        failure { _ = try read("refused.h5", "/three") }
          == "65 refused.h5, '/three': expected a dataset of 1 or 2 dimensions, found 3; leave it out of the columns, or write it in other dimensions"
      )
      #expect(
        failure { _ = try read("refused.h5", "unequal") }
          == "65 refused.h5, 'unequal/b': expected 2 rows, as in refused.h5, 'unequal/a', found 3; name one dataset, or the columns of those that belong together"
      )
      #expect(try read("refused.h5", "unequal", columns: ["b"]).rows == 3)
      #expect(
        failure { _ = try read("refused.h5", "none") }
          == "65 refused.h5, 'none': expected datasets in the group, found none; name a dataset (h5ls -r lists them)")
      #expect(
        failure { _ = try read("refused.h5", "/no/such") }
          == "66 refused.h5, '/no/such': expected a dataset or a group, found none; list what there is (h5ls -r)")
      #expect(
        failure { _ = try read("small.npz") }
          == "65 small.npz: expected an HDF5 file, found another; check that this is the right file, and all of it")
      #expect(
        failure { _ = try read("none.h5") }
          == "66 none.h5: open: No such file or directory; check the path and its permissions")
    }

    /// Several threads at once: the library lets one in.
    @Test func threadsWaitForOneAnother() async throws {
      let whole = try read("records.h5", "people")
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 {
          group.addTask {
            try (0..<20).allSatisfy { _ in try read("records.h5", "people")["id"] == whole["id"] }
          }
        }
        for try await isSame in group { #expect(isSame) }
      }
    }

    /// Two have a file open, with texts of varying length; what one of them still reads outlives the other.
    @Test func oneEndsBeforeAnother() throws {
      let (file, dataset) = (path("records.h5"), "/deep/noted")
      let whole = try ReadTable(try HDF5Reader(file, dataset: dataset))
      for _ in 0..<20 {
        var first: HDF5Reader? = try HDF5Reader(file, dataset: dataset)
        let second = try HDF5Reader(file, dataset: dataset)
        while try first!.next(most: 1) != nil {}
        first = nil
        let rest = try ReadTable(second)
        #expect(whole.fields.map(\.name).allSatisfy { rest[$0] == whole[$0] })
      }
    }

    /// Cut off anywhere: a failure of one line or values come of it.
    @Test func filesThatAreCutOff() throws {
      let folder = try Folder()
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path("small.h5"))))
      for length in bytes.indices {
        let cut = try folder.write("cut.h5", Array(bytes[..<length]))
        do {
          _ = try ReadTable(try HDF5Reader(cut))
        } catch let failure as Failure {
          #expect(
            failure.code == .badData && !failure.description.contains("\n"), "\(length): \(failure)")
        }
      }
    }
  }
#endif
