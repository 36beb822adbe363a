import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// A receipt computed again: what somebody changed behind a run's back is found, and the first link that it changed is named.
@Suite struct ReceiptTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private static let rows = 300

  /// What somebody changes of a run, its data or its receipt.
  struct Plant: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let link: String
    let change: @Sendable (Folder) throws -> Void

    init(_ what: String, _ link: String, _ change: @escaping @Sendable (Folder) throws -> Void) {
      (testDescription, self.link, self.change) = (what, link, change)
    }

    /// Writes other text in place of some that has to be there.
    static func edit(_ what: String, _ link: String, _ file: String, _ old: String, _ new: String) -> Plant {
      Plant(what, link) { folder in
        let text = try folder.text(file)
        let range = try #require(text.range(of: old), "\(old) in \(text)")
        try folder.write(file, text.replacingCharacters(in: range, with: new))
      }
    }

    /// Puts another output into a link, with digests that follow from it: only computing it again can tell.
    static func forge(_ link: String) -> Plant {
      Plant("a forged receipt: \(link)", link) { folder in
        var forged = Receipt()
        let links = try Receipt(ofRun: folder["run"]).links
        for own in links {
          forged.add(own, output: own.name == link ? "sha256:" + String(repeating: "0", count: 64) : own.output)
        }
        try forged.write(toRun: folder["run"])
      }
    }

    /// Changes the lines of the table.
    static func rows(_ what: String, _ change: @escaping @Sendable (inout [String]) -> Void) -> Plant {
      Plant(what, "raw") { folder in
        var lines = try folder.text("loans.csv").split(separator: "\n").map(String.init)
        change(&lines)
        try folder.write("loans.csv", lines.joined(separator: "\n") + "\n")
      }
    }
  }

  static let plants: [Plant] = [
    .rows("a cell") { $0[123] = $0[123].replacing("12", with: "13") },
    .rows("a cell of a column that is left out") { $0[7] = "x" + $0[7] },
    .rows("a row taken away") { $0.remove(at: 200) },
    .rows("two rows exchanged") { $0.swapAt(20, 30) },
    .rows("a row twice") { $0.append($0[50]) },
    .edit("another seed", "split", "run/config.yaml", "\nseed: 1\n", "\nseed: 2\n"),
    .edit("other shares", "schema", "run/config.yaml", "test: 0.2", "test: 0.3"),
    .edit("another scale", "schema", "run/config.yaml", "\n          scale: standard", "\n          scale: robust"),
    .edit("another rate", "weights", "run/config.yaml", "learning-rate: 0.001", "learning-rate: 0.002"),
    .edit("one epoch more", "weights", "run/config.yaml", "\nepochs: 4\n", "\nepochs: 5\n"),
    .forge("raw"), .forge("schema"), .forge("split"), .forge("transform"), .forge("prepared"), .forge("samples"),
    .forge("weights"), .forge("metrics"),
  ]

  private func trained() throws {
    var text = "number,income,job,outcome\n"
    for row in 0..<Self.rows {
      let (income, job) = (row * 37 % 101, row * 13 % 3)
      let outcome = income > 40 + 20 * job ? "good" : "bad"
      text += "\(row),\(Double(income) / 4 + 12),\(["fixed", "free", "none"][job]),\(outcome)\n"
    }
    let path = try folder.write("loans.csv", text)
    try TableDraft(path, target: "outcome", configuration: folder["loans.yaml"]).write(to: folder["loans.yaml"])
    try train(
      folder["loans.yaml"],
      ["data.table.keep-under=\(folder["prepared"])", "epochs=4", "optimizer={adamw: {learning-rate: 0.001}}"],
      in: folder["run"])
  }

  /// The first link that differs, as `lockstep verify --from` finds it.
  private func difference(from link: ReceiptCheck.Link) throws -> String? {
    let check = try ReceiptCheck(run: folder["run"])
    let again = try Folder()
    let found = try check.receipt(from: link, in: again.path) { settings in
      try train("\(folder["run"])/config.yaml", settings, in: again["run"])
    }
    return check.receipt.firstDifference(from: found)?.link
  }

  @Test(arguments: plants)
  func changesAreFound(_ plant: Plant) throws {
    try trained()
    try plant.change(folder)
    #expect(try difference(from: .raw) == plant.link)
  }

  /// From each link on, a run that nobody touched gives its receipt again.
  @Test func nothingIsFoundWhereNothingWasChanged() throws {
    try trained()
    for link in ReceiptCheck.Link.allCases { #expect(try difference(from: link) == nil) }
  }

  /// The raw files may be gone; what was prepared may not, nor be another's.
  @Test func preparedDataAreEnough() throws {
    try trained()
    try folder.remove("loans.csv")
    #expect(try difference(from: .prepared) == nil)
    #expect(failure { _ = try difference(from: .raw) }?.code == .missingInput)
    let name = try #require(folder.names("prepared").first { !$0.hasSuffix(".lock") })
    func refusal(_ settings: String...) -> Failure? {
      failure { try train("\(folder["run"])/config.yaml", settings, in: folder["other"]) }
    }
    let own = "data.table.prepared=\(folder["prepared/\(name)"])"
    for other in ["seed=2", "data.table.split={random: {test: 0.3}}"] {
      let refused = refusal(own, other)
      #expect(refused?.code == .badData && refused?.description.contains("prepared by these settings") == true)
    }
    let file = "prepared/\(name)/test.features.npy"
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder[file])))
    bytes[bytes.count - 2] ^= 1
    try folder.write(file, bytes)
    #expect(failure { _ = try difference(from: .prepared) }?.description.contains("found it changed") == true)
    try folder.remove("prepared")
    let gone = failure { _ = try difference(from: .prepared) }
    #expect(gone?.code == .missingInput && gone?.description.contains("--from raw") == true, "\(gone as Any)")
  }

  /// What holds its own digest is refused before anything is computed.
  @Test func changedFilesAreRefused() throws {
    try trained()
    let receipt = try folder.text("run/receipt.json")
    let links = try Receipt(ofRun: folder["run"]).links
    try folder.write("run/receipt.json", receipt.replacing(links[7].output, with: links[6].output))
    let edited = failure { _ = try difference(from: .raw) }
    #expect(edited?.description.contains("link metrics: its digest does not follow") == true, "\(edited as Any)")
    try folder.write("run/receipt.json", receipt)

    let prepared = "prepared/" + (try #require(folder.names("prepared").first { !$0.hasSuffix(".lock") }))
    let features = "\(prepared)/" + (try #require(folder.names(prepared).first { $0.hasPrefix("train") }))
    try folder.flip(lastByteOf: features)
    let changed = failure { _ = try difference(from: .prepared) }
    #expect(changed?.description.contains("expected what was prepared, found it changed") == true, "\(changed as Any)")
    try folder.flip(lastByteOf: features)

    let step = try #require(folder.names("run").last { $0.hasPrefix("step-") })
    try folder.flip(lastByteOf: "run/\(step)/model.safetensors")
    // It is passed over for the one before.
    #expect(try difference(from: .weights) == "weights")
  }
}

extension Folder {
  /// Turns the bits of a file's last byte around.
  fileprivate func flip(lastByteOf file: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: self[file]))
    bytes[bytes.count - 1] ^= 0xff
    try bytes.write(to: URL(fileURLWithPath: self[file]))
  }
}
