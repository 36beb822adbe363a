import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Lockstep

/// Receipts of what is made of a trained model: cut, rounded, computed again.
@Suite struct DerivedReceiptTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    var text = "number,income,job,outcome\n"
    for row in 0..<300 {
      let (income, job) = (row * 37 % 101, row * 13 % 3)
      let outcome = income > 40 + 20 * job || row % 17 == 0 ? "good" : "bad"
      text += "\(row),\(Double(income) / 4 + 12),\(["fixed", "free", "none"][job]),\(outcome)\n"
    }
    try folder.write("loans.csv", text)
    try folder.write(
      "loans.yaml",
      """
      data:
        table:
          source: {csv: loans.csv}
          target: outcome
          split: {random: {test: 0.2, validation: 0.2}}
          keep-under: prepared
          columns: [{number: income}, {category: job}]
      model: [{dense: 16}, relu, {dense: 8}, relu, {dense: 2}]
      optimizer: {adam: 0.01}
      prune: {share: 0.5, until: 2, every: 3, structured: true}
      decide: {threshold: f1, calibrate: temperature}
      epochs: 4
      batch: 32
      micro-batch: 8

      """)
    try train(folder["loans.yaml"], in: folder["run"])
  }

  private func again(_ run: String, from link: ReceiptCheck.Link) throws -> Receipt {
    let check = try ReceiptCheck(run: run)
    let other = try Folder()
    return try check.receipt(from: link, in: other.path) { settings in
      try train(check.configurationPath, settings, in: other["run"], ranks: 2)
    }
  }

  /// The chain goes on from the run that was cut, and all of it can be computed again.
  @Test func aCutModelHasAReceipt() throws {
    let whole = try Receipt(ofRun: folder["run"])
    let model = try Model(folder["run"])
    let found = try model.shrink(to: folder["small"])
    let receipt = try Receipt(ofRun: folder["small"])
    let names = receipt.links.map(\.name)
    #expect(
      names == whole.links.map(\.name).prefix { $0 != "decision" } + ["shrink", "decision", "metrics"], "\(names)")
    let place = try #require(names.firstIndex(of: "shrink"))
    #expect(Array(receipt.links[..<place]) == Array(whole.links[..<place]))
    #expect(receipt.links[place].inputs == ["weights \(found.of)"] && receipt.links[place].output == found.weights)
    for link in ReceiptCheck.Link.allCases {
      let again = try again(folder["small"], from: link)
      #expect(
        receipt.firstDifference(from: again)?.link == nil, "\(link): \(receipt.firstDifference(from: again) as Any)")
    }
    // It predicts by the same threshold, and may be decided on anew.
    let small = try Model(folder["small"])
    #expect(small.decision?.threshold?.threshold == model.decision?.threshold?.threshold && small.decision != nil)
    #expect(small.decision?.weights == small.record.digest && small.receiptNote() == nil)
    try small.decide(threshold: .recall(0.9), calibration: nil)
    let decided = try Receipt(ofRun: folder["small"])
    #expect(decided != receipt && decided.links.count == receipt.links.count)
    #expect(try decided.firstDifference(from: again(folder["small"], from: .raw))?.link == nil)
    // Other weights in its place are found.
    let other = try Model(folder["run"])
    _ = try other.shrink(to: folder["other"])
    var forged = Receipt()
    for link in receipt.links {
      forged.add(link, output: link.name == "shrink" ? "sha256:" + String(repeating: "0", count: 64) : link.output)
    }
    try forged.write(toRun: folder["other"])
    #expect(try forged.firstDifference(from: again(folder["other"], from: .weights))?.link == "shrink")
  }

  /// The chain of the run is not that of other data: what is measured on these has no receipt.
  @Test func aModelIsNotCutOnOtherData() throws {
    var rows = try folder.text("loans.csv").split(separator: "\n").map(String.init)
    for row in 1..<60 {
      let other = rows[row].replacing("good", with: "bad")
      rows[row] = other == rows[row] ? rows[row].replacing("bad", with: "good") : other
    }
    try folder.write("loans.csv", rows.joined(separator: "\n") + "\n")
    let found = failure { _ = try Model(folder["run"]).shrink(to: folder["other"]) }
    #expect(found?.code == .badData, "\(found as Any)")
    #expect(found?.description.contains("expected the data that the run was measured on, found others") == true)
    #expect(!folder.names("other").contains("receipt.json"))
  }

  @Test func aRoundedModelIsTold() throws {
    let before = try Receipt(ofRun: folder["run"])
    let found = try Model(folder["run"]).quantise(rows: 50)
    let receipt = try Receipt(ofRun: folder["run"])
    #expect(receipt.links.dropLast() == before.links[...] && receipt.links.last?.name == "quantise")
    #expect(receipt.links.last?.output == found.digest && receipt.links.last?.inputs == ["weights \(found.weights)"])
    for link in [ReceiptCheck.Link.raw, .weights] {
      #expect(try receipt.firstDifference(from: again(folder["run"], from: link))?.link == nil)
    }
    // Once more: the link is that of the last time.
    _ = try Model(folder["run"]).quantise(rows: 50)
    #expect(try Receipt(ofRun: folder["run"]) == receipt)
    let other = try Model(folder["run"]).quantise(rows: 20)
    #expect(try Receipt(ofRun: folder["run"]).links.last?.output == other.digest && other.digest != found.digest)
    // One layer alone is that again.
    let one = try Model(folder["run"]).quantise(rows: 20, layers: [NamePattern("2")])
    #expect(one.layers == ["2"])
    let last = try #require(try Receipt(ofRun: folder["run"]).links.last)
    #expect(last.settings != receipt.links.last?.settings && last.output == one.digest)
    #expect(try Receipt(ofRun: folder["run"]) == again(folder["run"], from: .weights))
    // What is edited is what is used, whatever comes of it again.
    let file = "\(try Model(folder["run"]).path)/quantisation.json"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let cases = [
      (text.replacing(/"step"\s*:\s*[-+.e0-9]+/, with: "\"step\" : 0.5"), "found another: it was changed"),
      (text.replacing(/"rows"\s*:\s*20/, with: "\"rows\" : 0"), "expected a quantisation, found another file"),
    ]
    for (edited, expected) in cases {
      #expect(edited != text)
      try edited.write(toFile: file, atomically: true, encoding: .utf8)
      let found = failure { _ = try again(folder["run"], from: .weights) }
      #expect(found?.description.contains(expected) == true, "\(found as Any)")
    }
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    // A decision goes before, and leaves it as it is.
    try Model(folder["run"]).decide(threshold: nil, calibration: nil)
    #expect(try Receipt(ofRun: folder["run"]).links.map(\.name).suffix(2) == ["metrics", "quantise"])
    // A file that the receipt does not tell of: what was left by a process that ended between writing the two.
    let told = try Receipt(ofRun: folder["run"])
    try told.quantised(to: nil).write(toRun: folder["run"])
    let halved = failure { _ = try again(folder["run"], from: .weights) }
    #expect(halved?.description.contains("expected none, as the receipt tells of none") == true)
    try told.write(toRun: folder["run"])
    // Without its file the receipt tells of what is not there.
    try FileManager.default.removeItem(atPath: "\(Model(folder["run"]).path)/quantisation.json")
    let torn = failure { _ = try again(folder["run"], from: .weights) }
    #expect(torn?.description.contains("expected the quantisation that the receipt tells of, found none") == true)
  }
}
