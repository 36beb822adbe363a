import TestSupport
import Testing

@testable import Lockstep

/// The classic case, from the recipe to the prediction of points it has not seen.
@Suite struct TwoClassTests {
  @Test func learnsAndPredicts() throws {
    let folder = try Folder()
    let digest = try train("two-class", in: folder["one"])
    #expect(try train("two-class", in: folder["three"], ranks: 3) == digest)

    // The line x + y = 0 tells 97.0 % of the points apart; of 1,024 test points the share has a deviation of 0.5 %.
    for run in ["one", "three"] {
      let metrics = try metrics(of: folder[run])
      for name in ["accuracy", "precision", "recall", "f1"] {
        #expect(metrics["test \(name)"]! >= 0.95, "\(name) of \(run)")
      }
    }

    let model = try Model(folder["one"])
    #expect(digest == model.record.digest)
    #expect(model.path == folder["one/step-00000640"])
    let points = try folder.write("points.csv", "y,note,x\n2,ignored,1\n-2,ignored,-1\n")
    try #expect(model.writePredictions(of: points, to: folder["answer.csv"]) == 2)
    let answer = lines(try folder.text("answer.csv"))
    #expect(answer[0] == "prediction,probability of negative,probability of positive")
    #expect(answer[1].hasPrefix("positive,") && answer[2].hasPrefix("negative,"))
    for row in answer.dropFirst() {
      let probabilities = row.split(separator: ",").dropFirst().compactMap { Float($0) }
      // Each is rounded to the nearest float, so their sum may be off by one part in 2^23.
      #expect(probabilities.count == 2 && abs(probabilities.reduce(0, +) - 1) < 1e-6)
      #expect(probabilities.max()! > 0.99)
    }
  }

  /// What evaluation says later is what training said at its end, from the files alone.
  @Test func evaluationAgreesWithTraining() throws {
    let folder = try Folder()
    try train("two-class", ["epochs=1"], in: folder["run"], ranks: 2)
    let model = try Model(folder["run"])
    let evaluation = try model.evaluate(model.testData())
    #expect(evaluation.samples == 1024)
    for (name, value) in evaluation.metrics { #expect(model.record.metrics["test \(name)"] == value) }
  }

  /// Another seed gives other data and other weights; the same seed the same.
  @Test func theSeedDecides() throws {
    let folder = try Folder()
    let settings = ["epochs=1", "data.two-class.train=200"]
    let digest = try train("two-class", settings, in: folder["a"])
    #expect(try train("two-class", settings, in: folder["b"]) == digest)
    #expect(try train("two-class", settings + ["seed=2"], in: folder["c"]) != digest)
  }
}
