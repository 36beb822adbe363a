import Communication
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Lockstep

/// Runs that are compared with a teacher between their layers.
@Suite struct FeatureTeacherTests {
  private let folder: Folder
  private static let data = ["data.two-class.train=1000", "epochs=3", "checkpoint-every=10", "keep-checkpoints=99"]

  init() throws {
    folder = try Folder()
    let model = "model=[{dense: 24}, relu, {sequential: {layers: [{dense: 12}, tanh]}}, {dense: 2}]"
    try train("two-class", ["data.two-class.train=1000", "epochs=6", "seed=7", model], in: folder["teacher"])
  }

  private func student(_ features: String = "{\"2\": \"2.1\", \"0\": \"2.0\"}", _ more: [String] = []) -> [String] {
    Self.data + ["model=[{dense: 12}, {dropout: 0.1}, tanh, {dense: 2}]"]
      + ["teacher={checkpoint: \(folder["teacher"]), share: 0.5, features: \(features), feature-weight: 2}"] + more
  }

  @Test func theBitsAreTheSameOnAnyRanksAndWhenResumed() throws {
    let digest = try train("two-class", student(), in: folder["1"])
    for ranks in [2, 3] {
      #expect(try train("two-class", student(), in: folder["\(ranks)"], ranks: ranks) == digest)
    }
    try folder.copy("1", to: "resumed")
    for name in folder.names("resumed") where name.hasPrefix("step-") && Int(name.dropFirst(5))! > 20 {
      try folder.remove("resumed/\(name)")
    }
    let lanes = student("{\"2\": \"2.1\", \"0\": \"2.0\"}", ["lanes=2"])
    #expect(try train("two-class", lanes, in: folder["resumed"], ranks: 2, start: .resume) == digest)
    // Its model is one without anything between its layers.
    let model = try Model(folder["1"])
    #expect(model.plan.steps.count == 4)
    #expect(try model.evaluate(model.testData()).loss == model.record.metrics["test loss"])
    #expect(try Audit(folder["1"], world: LocalWorld.single()).leafCount > 0)
    #expect(try train("two-class", student("{\"2\": \"2.1\"}"), in: folder["one"]) != digest)
    #expect(try train("two-class", student("{}", ["teacher.feature-weight=1"]), in: folder["none"]) != digest)
  }

  /// One that is compared with nothing else comes to have the teacher's features.
  @Test func featuresComeNearer() throws {
    func distance(_ name: String, _ weight: String) throws -> Float {
      try train(
        "two-class", student("{\"2\": \"2.1\"}", ["teacher.feature-weight=\(weight)", "epochs=20"]), in: folder[name])
      let (student, teacher) = (try Model(folder[name]), try Model(folder["teacher"]))
      let (a, b) = (try features(student, "2"), try features(teacher, "2.1"))
      return zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(a.count)
    }
    let (near, far) = (try distance("near", "10"), try distance("far", "0"))
    #expect(near < 0.3 * far, "\(near), \(far)")
  }

  private func features(_ model: Model, _ place: String) throws -> [Float] {
    let plan = try model.plan.network.ending(at: place, key: "k").plan(microBatch: 16)
    let data = try model.testData().transformed(by: model.transforms)
    let own = FlatBuffer(count: plan.layout.count)
    for slot in plan.layout.slots {
      own.view[slot.range].assign(
        model.parameters.view[model.plan.layout.slots.first { $0.name == slot.name }!.range])
    }
    var all: [Float] = []
    try model.evaluator(LocalWorld.single(), of: plan, on: own.view).forEachBlock(everywhere: data) { all += $0.array }
    return all
  }

  @Test(arguments: [
    ("{\"9\": \"2\"}", "teacher.features: expected the place of a layer, found '9'"),
    ("{\"2\": \"2.7\"}", "expected the place of a layer, found '2.7'"),
    ("{\"2\": \"0\"}", "teacher.features.2: expected 12, as the student has there, found 24 at 0 of the teacher"),
    ("[\"2\"]", "teacher.features"),
  ])
  func whatCannotBeComparedIsNamed(features: String, message: String) throws {
    let found = failure { try train("two-class", student(features), in: folder["bad"]) }
    #expect(
      found?.code == .badConfiguration && found?.description.contains(message) == true, "\(String(describing: found))")
  }
}
