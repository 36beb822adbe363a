import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Runs that learn of a teacher's outputs.
@Suite struct TeacherTests {
  private let folder: Folder
  private static let data = ["data.two-class.train=1000", "epochs=3", "checkpoint-every=10", "keep-checkpoints=99"]

  init() throws {
    folder = try Folder()
    try train("two-class", ["data.two-class.train=1000", "epochs=6", "seed=7"], in: folder["teacher"])
  }

  private func student(_ more: [String] = []) -> [String] {
    Self.data + ["model=[{dense: 4}, relu, {dense: 2}]"]
      + ["teacher={checkpoint: \(folder["teacher"]), temperature: 3, share: 0.6}"] + more
  }

  @Test func theBitsAreTheSameOnAnyRanksAndWhenResumed() throws {
    let digest = try train("two-class", student(), in: folder["1"])
    for ranks in [2, 3] {
      #expect(try train("two-class", student(["lanes=2"]), in: folder["\(ranks)"], ranks: ranks) == digest)
    }
    try folder.copy("1", to: "resumed")
    for name in folder.names("resumed") where name.hasPrefix("step-") && Int(name.dropFirst(5))! > 20 {
      try folder.remove("resumed/\(name)")
    }
    #expect(try train("two-class", student(["lanes=2"]), in: folder["resumed"], ranks: 2, start: .resume) == digest)
    let record = try Model(folder["1"]).record
    #expect(try record.teacher == Model(folder["teacher"]).record.digest)
    let receipt = try Receipt(ofRun: folder["1"])
    #expect(receipt.links.map(\.name).contains("teacher"))
    let again = try ReceiptCheck(run: folder["1"]).receipt(from: .weights, in: folder.path) { _ in }
    #expect(receipt.firstDifference(from: again)?.link == nil)

    // Controls: it is another student than one that nobody taught, and share and temperature count.
    let plain = Self.data + ["model=[{dense: 4}, relu, {dense: 2}]"]
    #expect(try train("two-class", plain, in: folder["plain"]) != digest)
    #expect(try train("two-class", student(["teacher.share=0.7"]), in: folder["share"]) != digest)
    #expect(try train("two-class", student(["teacher.temperature=4"]), in: folder["temperature"]) != digest)
  }

  /// One that learns of nothing else comes to say what its teacher says.
  @Test func aStudentComesNearItsTeacher() throws {
    let settings = [
      "model=[{dense: 32}, relu, {dense: 2}]", "teacher={checkpoint: \(folder["teacher"]), temperature: 1, share: 1}",
      "epochs=30",
    ]
    try train("two-class", Self.data + settings, in: folder["near"])
    let (teacher, student) = (try Model(folder["teacher"]), try Model(folder["near"]))
    let test = try teacher.testData()
    let (a, b) = (try teacher.predict(test).view.array, try student.predict(test).view.array)
    let apart = zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(a.count)
    #expect(apart < 0.03, "\(apart)")
  }

  /// A teacher of a yes or no.
  @Test func aYesOrNoIsTaught() throws {
    let binary = ["loss=binary-cross-entropy", "data.two-class.train=1000"]
    try train(
      "two-class", binary + ["epochs=6", "seed=7", "model=[{dense: 24}, relu, {dense: 1}]"], in: folder["yes"])
    let student = Self.data + binary + ["model=[{dense: 4}, relu, {dense: 1}]"]
    let teacher = ["teacher={checkpoint: \(folder["yes"]), temperature: 1, share: 1}"]
    let digest = try train("two-class", student + teacher, in: folder["1"])
    #expect(try train("two-class", student + teacher + ["lanes=2"], in: folder["2"], ranks: 2) == digest)
    #expect(try train("two-class", student, in: folder["alone"]) != digest)
    try train("two-class", student + teacher + ["epochs=30"], in: folder["near"])
    let models = try ["yes", "near"].map { try Model(folder[$0]) }
    let test = try models[0].testData()
    let outputs = try models.map { try $0.predict(test).view.array }
    let apart = zip(outputs[0], outputs[1]).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(outputs[0].count)
    #expect(apart < 0.05, "\(apart)")
  }

  /// What the teacher says of a sample counts as much as its target: weights that are all alike change nothing but roundings.
  @Test func weightsOfClassesCountForTheTeacherToo() throws {
    func loss(_ setting: String) throws -> Double {
      try train("two-class", student(["teacher.share=1", "log-every=1", setting]), in: folder[setting])
      let line = try #require(lines(folder.text("\(setting)/metrics.jsonl")).first)
      let number = line.split(separator: "\"loss\": ")[1].prefix { $0 != "," }
      return try #require(Double(number))
    }
    let plain = try loss("loss=cross-entropy")
    let alike = try loss("loss={cross-entropy: {class-weights: [3, 3]}}")
    let one = try loss("loss={cross-entropy: {class-weights: [1, 0]}}")
    #expect(abs(alike - plain) < 1e-6 * plain, "\(alike), \(plain)")
    #expect(one > 0 && abs(one - plain) > 1e-3 * plain && one < 3 * plain, "\(one), \(plain)")
  }

  /// Figures of the teacher, and of the same network that nobody taught, stand beside the student's.
  @Test func figuresOfAllAreTold() throws {
    let plain = Self.data + ["model=[{dense: 4}, relu, {dense: 2}]"]
    try train("two-class", plain, in: folder["plain"])
    try train("two-class", student(["teacher.beside=\(folder["plain"])"]), in: folder["run"], ranks: 2)
    let found = try #require(Distilled(ofRun: folder["run"]))
    #expect(found.models.map(\.role) == ["student", "teacher", "without a teacher"] && found.data == "test")
    for (model, name) in zip(found.models, ["run", "teacher", "plain"]) {
      let own = try Model(folder[name])
      #expect(model.weights == own.record.digest && model.parameters == own.plan.layout.parameterCount)
      let evaluation = try own.evaluate(Model(folder["run"]).testData())
      #expect(model.figures.map(\.value) == evaluation.metrics.map(\.value))
      #expect(found.names.prefix(2) == ["loss", "accuracy"] && found.value("accuracy", of: model)! > 0.8)
    }
    try train("two-class", student(), in: folder["two"])
    #expect(Distilled(ofRun: folder["two"])?.models.map(\.role) == ["student", "teacher"])
    #expect(Distilled(ofRun: folder["plain"]) == nil)
    let other = message { try train("two-class", student(["teacher.beside=\(folder["none"])"]), in: folder["bad"]) }
    #expect(other?.contains("none") == true)
    for (name, found) in [("two", "one that had a teacher"), ("teacher", "the teacher itself")] {
      let taught = message { try train("two-class", student(["teacher.beside=\(folder[name])"]), in: folder["bad"]) }
      #expect(taught?.contains("expected a model that nobody taught, found \(found)") == true, "\(taught ?? "nothing")")
    }
  }

  @Test func whoCannotTeachIsNamed() throws {
    func failure(_ more: [String]) -> String? {
      message { try train("two-class", student(more), in: folder["bad"]) }
    }
    #expect(failure(["model=[{dense: 4}, relu, {dense: 3}]"]) != nil)
    #expect(failure(["augment=[mixup]"])?.contains("mixup or cutmix") == true)
    #expect(failure(["teacher.checkpoint=\(folder["none"])"])?.contains("none") == true)
    #expect(failure(["teacher.share=1.5"])?.contains("share") == true)
    #expect(failure(["teacher.feature-weight=2"])?.contains("expected none without features") == true)
    let features = "teacher.features={\"0\": \"0\"}"
    for (loss, setting) in [("class-weights: [1, 2]", "class-weights"), ("ignore: 1", "ignore")] {
      #expect(
        failure([features, "loss={cross-entropy: {\(loss)}}"])?.contains("found one with \(setting)") == true)
    }
    // Numbers of two classes are another meaning than classes.
    #expect(
      failure(["model=[{dense: 4}, relu, {dense: 1}]", "loss=mean-squared-error"])?.contains("one target for both")
        == true)
  }

  /// A run goes on with the teacher that it had.
  @Test func anotherTeacherIsAnotherRun() throws {
    try train("two-class", student(), in: folder["run"])
    for name in folder.names("run") where name.hasPrefix("step-") && Int(name.dropFirst(5))! > 20 {
      try folder.remove("run/\(name)")
    }
    try folder.remove("teacher")
    try train("two-class", ["data.two-class.train=1000", "epochs=6", "seed=8"], in: folder["teacher"])
    let text = message { try train("two-class", student(), in: folder["run"], start: .resume) }
    #expect(text?.contains("expected the teacher sha256:") == true, "\(text ?? "none")")
  }

  private func message(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return Failure(reporting: error).description }
    return nil
  }
}
