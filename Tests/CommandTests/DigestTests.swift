import Foundation
import TestSupport
import Testing

extension ComparingCommandTests {
  /// The same digest on any number of ranks and lanes, with any bucket size, through real MPI.
  @Suite(.serialized) struct DigestTests {
    private static let combinations: [(ranks: Int?, settings: [String])] = [
      (1, ["lanes=2"]), (2, ["lanes=1"]), (2, ["lanes=2", "bucket-size=40"]), (3, ["lanes=1", "bucket-size=7"]),
      (3, ["lanes=2"]), (4, ["lanes=1"]), (4, ["lanes=2", "bucket-size=40"]),
    ]

    private func compare(_ recipe: [String]) throws {
      let folder = try Folder()
      let expected = try digest(recipe + ["--output", folder["alone"], "--set", "lanes=1"])
      for (ranks, settings) in Self.combinations {
        let output = folder["\(ranks ?? 0)-\(settings.joined(separator: "-"))"]
        let found = try digest(
          recipe + ["--quiet", "--output", output] + settings.flatMap { ["--set", $0] }, ranks: ranks)
        #expect(found == expected, "\(recipe) on \(ranks ?? 1) ranks with \(settings)")
      }
      let record = try #require(
        JSONSerialization.jsonObject(
          with: Data(folder.text("alone/\(folder.names("alone").last { $0.hasPrefix("step-") }!)/run.json").utf8))
          as? [String: Any])
      #expect(record["digest"] as? String == expected)
    }

    @Test func twoClass() throws { try compare(["two-class", "--set", "epochs=3"]) }

    /// Clipping and a micro-batch that leaves an odd number of leaves, and an incomplete last batch.
    @Test func oddLeaves() throws {
      try compare([
        "two-class", "--set", "data.two-class.train=1003", "--set", "batch=112", "--set", "clip-norm=0.1", "--set",
        "epochs=3", "--set", "optimizer.adam.weight-decay=0.01",
      ])
    }

    /// The real images, all layers of the recipe: the 10,000 of the test half, so that it takes seconds.
    @Test func fashionMNIST() throws {
      let path = "/usr/share/datasets/fashion-mnist/t10k"
      let settings = [
        "data.idx.train.images=\(path)-images-idx3-ubyte.gz", "data.idx.train.labels=\(path)-labels-idx1-ubyte.gz",
        "data.idx.test=", "epochs=1", "batch=1280", "micro-batch=128",
      ]
      let folder = try Folder()
      func train(_ ranks: Int?, _ name: String, _ more: [String]) throws -> String {
        try digest(
          ["fashion-mnist", "-q", "-o", folder[name]] + (settings + more).flatMap { ["--set", $0] }, ranks: ranks)
      }
      let expected = try train(nil, "alone", ["lanes=1"])
      #expect(try train(2, "two", []) == expected)
      #expect(try train(3, "three", ["lanes=2", "bucket-size=100000"]) == expected)
      #expect(try train(4, "four", ["bucket-size=300000"]) == expected)
    }

    /// Hosts differ in their processors: each computes with the vectors that it has, and all come to the same bits.
    @Test func ranksWithDifferentInstructionSetsAreOneRun() throws {
      let folder = try Folder()
      let recipe = ["two-class", "-q", "--set", "epochs=1"]
      let alone = try digest(recipe + ["-o", folder["alone"]])
      let command = [try builtProduct("lockstep"), "train"] + recipe + ["-o", folder["mixed"]]
      let plain = launch(1) + command + ["--set", "instruction-set=plain"]
      let mixed = try run("mpirun", plain + [":", "-np", "1"] + command, deadline: 60)
      #expect(mixed.code == 0, "\(mixed.errors)")
      #expect(lines(mixed.output).last == "digest \(alone)")
    }

    /// The comparison can fail: MPI's own sum of the ranks' sums is another order of addition than the tree's.
    ///
    /// Five leaves on three ranks are 0 + (1 + 2) + (3 + 4), and on one ((0 + 1) + (2 + 3)) + 4; of four or seven
    /// leaves, three ranks happen to hold whole branches of the tree.
    @Test func theNativeReductionGivesOtherBits() throws {
      let folder = try Folder()
      let recipe = ["two-class", "-q", "--set", "reduction=native", "--set", "batch=80", "--set", "epochs=3"]
      let alone = try digest(recipe + ["-o", folder["1"]])
      #expect(try digest(recipe + ["-o", folder["3"]], ranks: 3) != alone)
    }
  }
}
