import Foundation
import TestSupport
import Testing

extension TrainingCommandTests {
  /// `observers: [report]`, and slices of a run by its raw rows, by the command line.
  @Suite(.serialized) struct ReportPageTests {
    private let folder: Folder

    init() throws {
      folder = try Folder()
      var text = "size,town,class\n"
      for row in 0..<400 {
        let size = row * 37 % 101
        text += "\(size),\(row < 3 ? "Ulm" : row % 2 == 0 ? "Bonn" : "Mainz"),\(size > 60 ? "yes" : "no")\n"
      }
      try folder.write("t.csv", text)
      try folder.write(
        "t.yaml",
        """
        data:
          table:
            source: {csv: {files: t.csv}}
            target: class
            split: {random: {test: 0.4, validation: 0.2}}
            columns: [number: size]
        model: [{dense: 8}, relu, {dense: 2}]
        optimizer: {adam: 0.02}
        epochs: 4
        batch: 32
        micro-batch: 16
        observers: [report]

        """)
    }

    private func train(_ name: String, _ more: [String] = [], ranks: Int? = nil) throws -> Ended {
      try lockstep(["train", folder["t.yaml"], "--output", folder[name]] + more, ranks: ranks, in: folder.path)
    }

    /// What the last table of a run says of the page.
    private func pageRow(of ended: Ended) -> String? {
      lines(ended.output).first { $0.hasPrefix("page ") }.map { $0.dropFirst(5).trimmingCharacters(in: .whitespaces) }
    }

    /// The page is there when the run is, on any number of ranks, and the run names it.
    @Test func aRunLeavesItsPage() throws {
      for ranks in [nil, 3] {
        let name = "run\(ranks ?? 1)"
        let ended = try train(name, ranks: ranks)
        #expect(
          ended.code == 0 && pageRow(of: ended) == "\(folder[name])/report.html", "\(ended)")
        let page = try folder.text("\(name)/report.html")
        #expect(
          page.hasPrefix("<!DOCTYPE html>") && page.contains("160 test rows") && page.contains("finished, 4 epochs"))
        // The same as the command's.
        #expect(try lockstep(["report", folder[name], "-o", folder["again.html"]], in: folder.path).code == 0)
        #expect(try folder.text("again.html") == page)
      }
      let without = try lockstep(
        ["train", folder["t.yaml"], "--output", folder["none"], "--set", "observers=[]"], in: folder.path)
      #expect(pageRow(of: without) == "lockstep report \(folder["none"])")
      #expect(!FileManager.default.fileExists(atPath: folder["none/report.html"]))
    }

    @Test func aStoppedRunLeavesThePageOfWhatThereIs() throws {
      let stopped = try train("run", ["--set", "stop-after=9", "--set", "checkpoint-every=3"])
      #expect(stopped.code == 75)
      #expect(try folder.text("run/report.html").contains("not finished"))
      let ended = try train("run", ["--resume"])
      #expect(ended.code == 0 && ended.output.contains("run/report.html\n"))
      #expect(try folder.text("run/report.html").contains("finished, 4 epochs"))
    }

    /// A page that cannot be written is a line, and nothing of the run is lost.
    @Test func aPageThatCannotBeWritten() throws {
      try FileManager.default.createDirectory(atPath: folder["run/report.html/x"], withIntermediateDirectories: true)
      let ended = try train("run", ["--resume"], ranks: 2)
      #expect(ended.code == 0, "\(ended)")
      #expect(lines(ended.errors).count { $0.contains("warning: no page: ") && $0.contains("report.html") } == 1)
      #expect(pageRow(of: ended) == "lockstep report \(folder["run"])")
      #expect(FileManager.default.fileExists(atPath: folder["run/receipt.json"]))
    }

    /// `town` is no feature; 3 of its rows have a value of their own.
    @Test func slicesByColumnsOfTheTable() throws {
      #expect(try train("run", ["--set", "observers=[]"]).code == 0)
      let asked = ["evaluate", folder["run"], "--slices", "town,size"]
      let alone = try lockstep(asked + ["--json"], in: folder.path)
      #expect(alone.code == 0 && alone.errors == "", "\(alone)")
      for ranks in [2, 3] {
        #expect(try lockstep(asked + ["--json"], ranks: ranks, in: folder.path).output == alone.output)
      }
      struct Found: Decodable {
        struct Column: Decodable {
          struct Slice: Decodable {
            let value: String
            let rows: Int
            let differences: [String: Double]
            enum CodingKeys: String, CodingKey {
              case value, rows
              case differences = "difference-from-all"
            }
          }
          let column: String
          let slices: [Slice]
        }
        let slices: [Column]
        let samples: Int
      }
      let found = try JSONDecoder().decode(Found.self, from: Data(alone.output.utf8))
      #expect(found.slices.map(\.column) == ["town", "size"] && found.slices[1].slices.count == 4)
      for column in found.slices { #expect(column.slices.reduce(0) { $0 + $1.rows } == found.samples) }
      #expect(found.slices[0].slices.allSatisfy { $0.differences["accuracy"] != nil })

      // All rows of the table, of which three are of one town.
      let text = try lockstep(asked + ["--data", folder["t.csv"]], in: folder.path)
      #expect(text.code == 0 && text.output.contains("class by town\n"), "\(text)")
      #expect(text.output.contains(#/Ulm +3 +[01]\.[0-9]{4} +none: 3 rows are too few/#), "\(text.output)")
      #expect(text.output.contains("1 slice of fewer than 30 rows"))
      expectComplaint(
        64, "--slices: expected one of the columns size, town, class, found city",
        try lockstep(["evaluate", folder["run"], "--slices", "city"], in: folder.path))
      expectComplaint(
        64, "--slices: expected one of the columns size, town, class, found city",
        try lockstep(["evaluate", folder["run"], "--slices", "city"], ranks: 2, in: folder.path))
      expectComplaint(
        64, "--slices: expected words separated by commas",
        try lockstep(["evaluate", folder["run"], "--slices", "town,"], in: folder.path))
    }
  }
}
