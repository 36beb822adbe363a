import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Files of two classes in folders for training and for testing, and runs on them: what tests of pictures and of sounds do alike.
struct ListedRun {
  let folder: Folder
  /// The word below `data`.
  let kind: String
  /// `png`
  let ending: String
  /// In the order of their names' bytes.
  let classes: [String]
  /// Files of each class for training, and for testing.
  let counts: (train: Int, test: Int)
  /// Settings of the source, each with a comma behind it; and what stands behind `data` in a recipe.
  let settings: String
  let rest: String

  /// - Parameter file: the bytes of a class's file with a number; those for testing are counted from 100 on.
  init(
    kind: String, ending: String, classes: [String], counts: (train: Int, test: Int), settings: String = "",
    rest: String, file: (_ label: Int, _ number: Int) -> [UInt8]
  ) throws {
    folder = try Folder()
    (self.kind, self.ending, self.classes, self.counts) = (kind, ending, classes, counts)
    (self.settings, self.rest) = (settings, rest)
    for (label, name) in classes.enumerated() {
      for number in 0..<counts.train { try write("train/\(name)/\(number).\(ending)", file(label, number)) }
      for number in 0..<counts.test { try write("test/\(name)/\(number).\(ending)", file(label, number + 100)) }
    }
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let path = folder[name]
    try makeDirectories(String(path[..<path.lastIndex(of: "/")!]), cure: "")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  func recipe(_ data: String, named name: String = "run.yaml") throws -> String {
    try folder.write(name, "data: \(data)\n\(rest)\n")
  }

  /// Data of both folders.
  var folders: String { source("train: \(folder["train"]), test: \(folder["test"])") }

  /// Data with these settings, kept in `prepared`.
  func source(_ own: String, kind: String? = nil) -> String {
    "{\(kind ?? self.kind): {\(own), \(settings)keep-under: \(folder["prepared"])}}"
  }

  /// Trains on one, two and three ranks, which have to come to the same digest and the same receipt.
  func trained(_ recipe: String) throws -> (digest: String, receipt: Receipt) {
    let digest = try train(recipe, ["lanes=1"], in: folder["1"])
    let receipt = try Receipt(ofRun: folder["1"])
    for ranks in [2, 3] {
      let own = ["data.\(kind).keep-under=\(folder["prepared-\(ranks)"])", "lanes=2"]
      #expect(try train(recipe, own, in: folder["\(ranks)"], ranks: ranks) == digest)
      #expect(try Receipt(ofRun: folder["\(ranks)"]) == receipt)
    }
    return (digest, receipt)
  }

  /// A table of all files, and the members of archives of them, part by part, in the order of folders.
  func listed() throws -> (table: String, members: [String: [(String, [UInt8])]]) {
    var (table, members) = ("file,what,value,part\n", [String: [(String, [UInt8])]]())
    for (part, count) in [("train", counts.train), ("test", counts.test)] {
      for (label, name) in classes.enumerated() {
        // Names are sorted by their bytes.
        for number in (0..<count).sorted(by: { "\($0)." < "\($1)." }) {
          let path = "\(part)/\(name)/\(number).\(ending)"
          table += "\(path),\(name),\(label),\(part)\n"
          let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: folder[path])))
          members[part, default: []] += [
            ("\(part)-\(name)-\(number).\(ending)", bytes), ("\(part)-\(name)-\(number).cls", Array("\(label)".utf8)),
          ]
        }
      }
    }
    return (table, members)
  }

  /// What is prepared, by its name.
  func preparedName(_ overrides: [String] = []) throws -> String? {
    let source = ConfigurationSource(yaml: "data: \(folders)\n\(rest)", name: "run", file: "run.yaml")
    return try RunConfiguration(source, overrides: overrides).data.preparedName(seed: 1)
  }

  /// What is said where data with these settings alone are prepared.
  func told(_ settings: String) -> String {
    let yaml = "data: {\(kind): {\(settings), keep-under: \(folder["prepared"])}}\n\(rest)"
    return failure { _ = try configuration(yaml).data.prepare(seed: 1) }?.description ?? "nothing"
  }

  /// The receipt again, from what was raw and from what was prepared.
  func requireSame(_ receipt: Receipt) throws {
    let check = try ReceiptCheck(run: folder["1"])
    for (link, name) in [(ReceiptCheck.Link.raw, "again"), (.prepared, "later")] {
      let found = try check.receipt(from: link, in: folder[name]) { settings in
        try train(folder["1"] + "/config.yaml", settings, in: folder["\(name)/run"])
      }
      #expect(found == receipt, "from \(link)")
    }
  }

  /// That files are decoded by another version of a library than in training is said.
  func requireNoted(_ model: Model, library: String) throws {
    let kept = try #require(model.preparation)
    #expect(kept.contains(library) && model.dataNotes.isEmpty)
    let notes = model.configuration.data.notes(on: kept.replacing(library, with: "\(library)0."))
    #expect(notes.count == 1 && notes[0].contains("those of training were by \(library)0."), "\(notes)")
  }

  /// The rows of predictions, cell by cell.
  func cells(_ name: String) throws -> [[Substring]] {
    try lines(folder.text(name)).map { $0.split(separator: ",", omittingEmptySubsequences: false) }
  }

  /// The same rows are predicted where three ranks share them.
  func requireShared(_ input: String, as name: String) throws {
    let whole = try folder.text(name)
    _ = try LocalWorld.run(ranks: 3) { world in
      try Model(folder["1"], world: world).writePredictions(of: folder[input], to: folder["shared.csv"])
    }
    #expect(try folder.text("shared.csv") == whole)
  }
}
