import Foundation
import TestSupport
import Testing

extension TrainingCommandTests {
  /// The recipes of images: the same digest on any number of ranks and lanes, and what an epoch learns.
  @Suite(.serialized) struct ImageRecipeTests {
    /// A few steps on noise. Batches of 200 and micro-batches of 40 leave an epoch's last one 10 samples of 450: absent
    /// rows.
    @Test(arguments: ["fashion-mnist", "fashion-mnist-cnn", "fashion-mnist-resnet"])
    func digestIsTheSameOnAnyRanksAndLanes(recipe: String) throws {
      let folder = try Folder()
      let noise = (0..<450 * 784).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
      try folder.write("images", idx([450, 28, 28], noise))
      try folder.write("labels", idx([450], (0..<450).map { UInt8($0 % 10) }))
      let settings = [
        "data.idx.train.images=\(folder["images"])", "data.idx.train.labels=\(folder["labels"])", "data.idx.test=",
        "epochs=2", "batch=200", "micro-batch=40", "schedule=constant",
      ]
      func train(_ ranks: Int?, lanes: Int) throws -> String {
        let output = ["-o", folder["\(ranks ?? 0)-\(lanes)"]]
        return try digest(
          [recipe, "-q"] + output + (settings + ["lanes=\(lanes)"]).flatMap { ["--set", $0] }, ranks: ranks)
      }
      let expected = try train(nil, lanes: 1)
      for (ranks, lanes) in [(1, 2), (2, 1), (3, 2), (4, 1)] {
        #expect(try train(ranks, lanes: lanes) == expected, "\(recipe) on \(ranks) ranks with \(lanes) lanes")
      }
    }

    /// A tenth of the recipe; `scripts/check-recipes` holds all of them to what their first lines say.
    @Test func anEpochLearns() throws {
      let folder = try Folder()
      let ended = try lockstep(
        ["train", "fashion-mnist", "-o", folder["run"], "--set", "epochs=1"], deadline: 600)
      #expect(ended.code == 0, "\(ended.errors)")
      let accuracy = try #require(ended.output.firstMatch(of: /test accuracy +(0\.[0-9]+)/))
      #expect(try #require(Double(accuracy.1)) >= 0.85, "\(ended.output)")
    }
  }
}
