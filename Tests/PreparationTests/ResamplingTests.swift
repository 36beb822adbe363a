import Foundation
import TestSupport
import Testing

@testable import Preparation

/// Training rows are drawn so that all classes have as many.
@Suite struct ResamplingTests {
  private static let split = "split: {fixed: {by: member}}"
  private static let columns = "columns: [{number: {columns: income, scale: none}}, {number: age}]"

  /// The income tells the row; three classes of 25, 40 and 135 training rows, of 200.
  private static func csv(_ change: (Int, inout [String]) -> Void = { _, _ in }) -> String {
    People.csv(300) { row, cells in
      cells[2] = "\(row)"
      cells[4] = row % 3 == 2 ? "test" : "train"
      cells[6] =
        row % 3 == 2 ? ["good", "fair", "bad"][row % 5 % 3] : row % 12 == 0 ? "bad" : row % 15 < 3 ? "fair" : "good"
      change(row, &cells)
    }
  }

  private static func prepare(
    _ resample: String, _ csv: String = Self.csv(), seed: UInt64 = 1, in folder: Folder? = nil
  ) throws -> PreparedTable {
    try People.prepared(
      csv, in: folder ?? Folder(), "\(split)\n\(resample)", columns: columns, seed: seed)
  }

  /// How often each training row stands there, by class.
  private static func drawn(_ table: PreparedTable) -> [String: [Int: Int]] {
    zip(table.features(.train), table.classes(.train)).reduce(into: [:]) { drawn, row in
      drawn[row.1, default: [:]][Int(row.0[0]), default: 0] += 1
    }
  }

  @Test func exactNumbersOfEachClass() throws {
    let plain = try Self.prepare("")
    let once = Self.drawn(plain)
    let sizes = once.mapValues(\.count)
    let (least, most) = (sizes.values.min()!, sizes.values.max()!)
    #expect(sizes.count == 3 && least < most / 4 && plain.summary.drawnFrom == nil)
    for (resample, wanted) in [("oversample", most), ("undersample", least)] {
      let table = try Self.prepare("resample: \(resample)")
      let drawn = Self.drawn(table)
      for (name, rows) in once {
        let found = drawn[name] ?? [:]
        #expect(found.values.reduce(0, +) == wanted && Set(found.keys).isSubset(of: rows.keys), "\(name)")
        // As evenly as can be.
        let (all, rest) = wanted.quotientAndRemainder(dividingBy: rows.count)
        let often: [Int] = rows.keys.map { found[$0] ?? 0 }
        let (more, less) = (often.count { $0 == all + 1 }, often.count { $0 == all })
        #expect(more == rest && less == rows.count - rest, "\(name)")
      }
      #expect(table.summary.rows["train"] == 3 * wanted && table.summary.drawnFrom == 200)
      // The order stays, other parts stay, and so does what was fitted.
      let order = table.features(.train).map { $0[0] }
      #expect(order == order.sorted())
      #expect(table.features(.test) == plain.features(.test) && table.classes(.test) == plain.classes(.test))
      #expect(table.preparation == plain.preparation && table.summary.split == plain.summary.split)
      let report = table.report(
        try settings("source: {csv: {files: a}}\ntarget: b\nresample: \(resample)\n\(Self.columns)"))
      #expect(
        report.contains("\n200 training rows, of which each class has as many by \(resample): \(3 * wanted)\n"),
        "\(report)")
      // The seed decides, and nothing else.
      #expect(try Self.prepare("resample: \(resample)").summary == table.summary)
      #expect(Self.drawn(try Self.prepare("resample: \(resample)", seed: 2)) != drawn)
    }
  }

  /// Whatever stands in rows that are measured on, the same training rows are drawn.
  @Test func nothingLeaks() throws {
    let altered = Self.csv { row, cells in
      guard row % 3 == 2 else { return }
      (cells[1], cells[2], cells[6]) = ("1e6", "-\(row)", row % 2 == 0 ? "bad" : "good")
    }
    for resample in ["oversample", "undersample"] {
      let (plain, other) = (
        try Self.prepare("resample: \(resample)"), try Self.prepare("resample: \(resample)", altered)
      )
      #expect(plain.features(.train) == other.features(.train) && plain.classes(.train) == other.classes(.train))
      #expect(plain.preparation == other.preparation && plain.features(.test) != other.features(.test))
      let broken = Self.csv { row, cells in if row == 0 { cells[6] = "good" } }
      #expect(try Self.prepare("resample: \(resample)", broken).features(.train) != plain.features(.train))
    }
  }

  /// A row that stands several times has its weight each time; a class of few rows has more than a block of them.
  @Test func weightsAndManyCopies() throws {
    let csv = People.csv(12_000) { row, cells in (cells[2], cells[6]) = ("\(row)", row == 77 ? "bad" : "good") }
    let table = try People.prepared(
      csv, in: Folder(), "split: {random: {test: 0}}\nresample: oversample\nweight: income", columns: Self.columns)
    let rows = try #require(table[.train])
    let weights = try #require(rows.weights).withUnsafeBufferPointer { Array($0) }
    #expect(rows.count == 2 * 11_999 && weights == table.features(.train).map { $0[0] })
    #expect(weights.count { $0 == 77 } == 11_999)
  }

  @Test func mistakes() {
    for (resample, words) in [
      (
        "resample: oversampling",
        "expected one of oversample, undersample, found oversampling; did you mean oversample?"
      ),
      ("kind: values\nresample: oversample", "expected one target of classes to go by, found a target of numbers"),
    ] {
      let found = message {
        _ = try People.prepared(Self.csv(), in: Folder(), resample, columns: "columns: [{number: age}]")
      }
      #expect(found.contains(words), "\(found)")
    }
  }
}
