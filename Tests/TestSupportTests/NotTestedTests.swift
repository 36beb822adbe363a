import Foundation
import TestSupport
import Testing

/// What cannot be tested on a machine is listed by `scripts/test`, with the reason of each.
@Suite struct NotTestedTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardized.path

  @Test func whatIsLeftOutIsListed() throws {
    let folder = try Folder()
    notTested("nothing", because: "an example\nof two lines\n", collected: folder["list"], function: "one()")
    // The same, from several cases of a test.
    notTested("nothing", because: "of two lines", collected: folder["list"], function: "one()")
    let script = "source scripts/common.sh; not_tested a-program 'no network'; list_not_tested"
    func list() throws -> String {
      let ended = try run(
        "bash", ["-euc", script], environment: ["LOCKSTEP_NOT_TESTED": folder["list"]], directory: Self.root,
        deadline: 60)
      #expect(ended.code == 0, "\(ended.errors)")
      return ended.output
    }
    #expect(
      try list() == """
        NOT TESTED: a-program: no network
        2 skipped:
          TestSupportTests/NotTestedTests.swift, one(): nothing: of two lines
          a-program: no network

        """)
    try folder.write("list", "")
    #expect(
      try run(
        "bash", ["-euc", "source scripts/common.sh; list_not_tested"],
        environment: ["LOCKSTEP_NOT_TESTED": folder["list"]], directory: Self.root, deadline: 60
      ).output == "0 skipped\n")
  }

  /// What is left out in another way would not be on the list.
  @Test func thereIsNoOtherWayToLeaveATestOut() throws {
    let others = [".enabled(", ".disabled(", "NOT TESTED", "SKIPPED", "SkipInfo"]
    let files = FileManager.default.enumerator(atPath: "\(Self.root)/Tests")?.compactMap { $0 as? String } ?? []
    let sources = files.filter { $0.hasSuffix(".swift") && !$0.contains("NotTested") }
    #expect(sources.count > 100)
    for source in sources {
      let text = try String(contentsOfFile: "\(Self.root)/Tests/\(source)", encoding: .utf8)
      for other in others { #expect(!text.contains(other), "\(source): expected notTested(…), found \(other)") }
    }
  }
}
