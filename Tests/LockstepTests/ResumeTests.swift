import Checkpoints
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// A run that goes on from a checkpoint ends as if it had never stopped.
@Suite struct ResumeTests {
  /// 16 steps an epoch, the last one incomplete; checkpoints in the middle of epochs too.
  private static let settings = [
    "data.two-class.train=1000", "epochs=4", "checkpoint-every=7", "keep-checkpoints=99", "log-every=3",
    "optimizer.adam.learning-rate=0.02", "clip-norm=0.5", "model.1=dropout: 0.25",
  ]

  private func remove(_ folder: Folder, _ run: String, checkpointsAfter last: Int) throws {
    for name in folder.names(run) where name.hasPrefix("step-") && Int(name.dropFirst(5))! > last {
      try folder.remove("\(run)/\(name)")
    }
  }

  @Test(arguments: [
    [], ["optimizer={lamb: 0.02}", "ema={decay: 0.9}"], ["optimizer={adamw: {learning-rate: 0.01, amsgrad: true}}"],
    ["optimizer={adagrad: {learning-rate: 0.05, rate-decay: 0.01}}"],
    [
      "optimizer={lion: {learning-rate: 0.001, weight-decay: 0.1}}", "schedule={exponential: {factor: 0.5, every: 16}}",
    ],
  ])
  func theBitsAndTheLogAreTheSame(more: [String]) throws {
    let settings = Self.settings + more
    let folder = try Folder()
    let digest = try train("two-class", settings, in: folder["whole"])
    let log = try untimedMetrics(folder, "whole")
    // 64 steps: every third is logged, and the last; one line more an epoch.
    #expect(log.count == 22 + 4)

    for (last, ranks) in [(7, 3), (16, 2), (35, 4), (63, 1), (64, 3)] {
      let run = "from-\(last)"
      try folder.copy("whole", to: run)
      try remove(folder, run, checkpointsAfter: last)
      let other = settings + ["bucket-size=16", "lanes=2", "transport=messages"]
      #expect(try train("two-class", other, in: folder[run], ranks: ranks, start: .resume) == digest, "after \(last)")
      #expect(try untimedMetrics(folder, run) == log, "after \(last)")
      #expect(try Model(folder[run]).record.step == 64)
      // Every later checkpoint is the same: parameters, optimizer, and the metrics that were measured before the stop.
      for name in folder.names(run) where name.hasPrefix("step-") {
        let (now, then) = (try Model(folder["\(run)/\(name)"]).record, try Model(folder["whole/\(name)"]).record)
        #expect((now.digest, now.epoch) == (then.digest, then.epoch), "\(name) after \(last)")
        #expect(now.files == then.files && now.metrics == then.metrics, "\(name) after \(last)")
      }
      #expect(folder.names(run) == folder.names("whole"))
    }
  }

  /// The run and its checkpoint evaluate with the average; the trained parameters, and the digest, are another matter.
  @Test func evaluationTakesTheAverage() throws {
    let folder = try Folder()
    let settings = ["data.two-class.train=1000", "epochs=2"]
    let digest = try train("two-class", settings, in: folder["plain"])
    #expect(try train("two-class", settings + ["ema={decay: 0.9}"], in: folder["average"], ranks: 2) == digest)
    let (plain, average) = (try Model(folder["plain"]), try Model(folder["average"]))
    #expect(plain.record.metrics["test loss"] != average.record.metrics["test loss"])
    for model in [plain, average] {
      #expect(try model.evaluate(model.testData()).loss == model.record.metrics["test loss"])
    }
    #expect(average.record.files.keys.contains("ema.safetensors"))
    #expect(!plain.record.files.keys.contains("ema.safetensors"))
  }

  @Test func aRunThatWasNeverBegunStartsAtTheBeginning() throws {
    let folder = try Folder()
    let digest = try train("two-class", ["epochs=1"], in: folder["a"])
    #expect(try train("two-class", ["epochs=1"], in: folder["b"], start: .resume) == digest)
  }

  /// A crash as a step was saved once more leaves its former checkpoint under another name, with or without the new one.
  @Test(arguments: [false, true])
  func aReplacementThatWasCutShort(isDamaged: Bool) throws {
    let folder = try Folder()
    let digest = try train("two-class", ["epochs=2"], in: folder["run"])
    try folder.remove("run/step-00000128")
    try folder.copy("run/step-00000064", to: "run/step-00000064.replaced")
    if isDamaged {
      try folder.write("run/step-00000064/model.safetensors", "torn")
    } else {
      try folder.remove("run/step-00000064")
    }
    #expect(try train("two-class", ["epochs=2"], in: folder["run"], ranks: 2, start: .resume) == digest)
  }

  /// Whoever writes there may be about to rename what a search would find.
  @Test(arguments: [TrainingRun.Start.new, .resume])
  func aDirectoryInUseIsRefusedBeforeItIsSearched(start: TrainingRun.Start) throws {
    let folder = try Folder()
    try train("two-class", ["epochs=1"], in: folder["run"])
    let store = try CheckpointStore(directory: folder["run"], keeping: 1)
    try folder.write("run/step-00000064/model.safetensors", "torn")
    let before = folder.names("run")
    expectFailure(.inputOutput, "\(folder["run"]): another process writes to this run directory; wait for it to end") {
      try train("two-class", ["epochs=1"], in: folder["run"], ranks: 2, start: start)
    }
    #expect(folder.names("run") == before)
    withExtendedLifetime(store) {}
  }

  @Test func aDirectoryWithCheckpointsIsNotOverwritten() throws {
    let folder = try Folder()
    try train("two-class", ["epochs=1"], in: folder["run"])
    let before = folder.names("run")
    expectFailure(.usage, "holds checkpoints of an earlier run; go on with it by --resume") {
      try train("two-class", ["epochs=2"], in: folder["run"], ranks: 2)
    }
    #expect(folder.names("run") == before)
  }

  @Test(arguments: [
    ("seed=2", "expected seed as it was (seed: 1), found seed: 2"),
    ("model.0.dense=17", "expected model as it was (units: 16), found units: 17"),
    ("optimizer.adam.learning-rate=0.02", "(learning-rate: 0.01), found learning-rate: 0.02"),
    ("optimizer=sgd", "expected optimizer as it was (adam:), found sgd:"),
    ("reduction=native", "expected reduction as it was"),
    ("clip-norm=1", "expected clip-norm as it was (clip-norm: null), found clip-norm: 1.0"),
    (
      "gradient-transforms=[{clip-by-global-norm: 1}]",
      "expected gradient-transforms as it was (gradient-transforms: []), found gradient-transforms:"
    ),
  ])
  func aChangedSettingIsNamed(change: String, message: String) throws {
    let folder = try Folder()
    try train("two-class", ["epochs=1"], in: folder["run"])
    let before = folder.names("run")
    let kept = try folder.text("run/config.yaml")
    expectFailure(.badConfiguration, message) {
      try train("two-class", ["epochs=1", change], in: folder["run"], ranks: 2, start: .resume)
    }
    #expect(folder.names("run") == before)
    #expect(try folder.text("run/config.yaml") == kept)
  }

  /// Where no rate depends on the length of the run, a run that was asked for more is the one that goes on.
  @Test(arguments: ["constant", "{step: {every: 5, factor: 0.5}}", "{constant: {warmup: 20}}"])
  func aFinishedRunGoesOn(schedule: String) throws {
    let folder = try Folder()
    let settings = ["data.two-class.train=1000", "log-every=1", "schedule=\(schedule)"]
    let digest = try train("two-class", settings + ["epochs=3"], in: folder["whole"])
    try train("two-class", settings + ["epochs=1"], in: folder["run"])
    #expect(
      try train("two-class", settings + ["epochs=3"], in: folder["run"], ranks: 2, start: .resume) == digest)
    #expect(try untimedMetrics(folder, "run") == untimedMetrics(folder, "whole"))
    #expect(try folder.text("run/config.yaml").contains("\nepochs: 3\n"))
    let kept = try folder.text("run/config.yaml")
    expectFailure(.badConfiguration, "expected epochs of at least 3, since 48 steps of 16 an epoch are done, found 2") {
      try train("two-class", settings + ["epochs=2"], in: folder["run"], ranks: 2, start: .resume)
    }
    #expect(try folder.text("run/config.yaml") == kept)
  }

  @Test(arguments: ["cosine", "linear", "one-cycle"])
  func theScheduleDecidesWhetherARunGetsLonger(schedule: String) throws {
    let folder = try Folder()
    let settings = ["data.two-class.train=128", "schedule=\(schedule)"]
    try train("two-class", settings + ["epochs=1"], in: folder["run"])
    expectFailure(
      .badConfiguration,
      "expected epochs as it was (epochs: 1), found epochs: 2: with this schedule, the number of epochs decides the"
    ) {
      try train("two-class", settings + ["epochs=2"], in: folder["run"], ranks: 2, start: .resume)
    }
  }

  /// Step 0 is there on request, stays, can be measured and gone on from, and changes no bit.
  @Test(arguments: [[], ["ema={decay: 0.9}"]])
  func aCheckpointAtTheStart(more: [String]) throws {
    let folder = try Folder()
    let settings = ["data.two-class.train=1000", "epochs=3", "keep-checkpoints=1"] + more
    let digest = try train("two-class", settings, in: folder["plain"])
    #expect(!folder.exists("plain/step-00000000"))
    let start = settings + ["checkpoint-at-start=true"]
    #expect(try train("two-class", start, in: folder["run"], ranks: 2) == digest)
    #expect(folder.names("run").filter { $0.hasPrefix("step-") } == ["step-00000000", "step-00000048"])
    let first = try Model(folder["run/step-00000000"])
    #expect(first.record.step == 0 && first.record.epoch == 0)
    // Two classes, guessed at: nowhere near what training comes to, but no zeros for parameters either.
    let loss = try first.evaluate(first.testData()).loss
    #expect(loss > 0.3 && loss < 3 && loss != log(2), "\(loss)")
    #expect(first.parameters.view.array.contains { $0 != 0 })

    try folder.remove("run/step-00000048")
    #expect(try train("two-class", settings, in: folder["run"], start: .resume) == digest)
    #expect(folder.exists("run/step-00000000"))
  }

  /// Whole and with the right checksums, but with numbers that no run can go on from.
  @Test(arguments: [Float.nan, .infinity])
  func stateThatIsNotFiniteIsRefused(number: Float) throws {
    let folder = try Folder()
    try train("two-class", ["epochs=1"], in: folder["run"])
    let checkpoint = try #require(Checkpoint.newest(in: folder["run"]).checkpoint)
    var contents: [String: CheckpointStore.Content] = [:]
    for name in checkpoint.record.files.keys {
      var bytes = try checkpoint.bytes(of: name)
      if name == "optimizer.safetensors" {
        bytes.replaceSubrange(
          (bytes.count - 4)..., with: withUnsafeBytes(of: number.bitPattern.littleEndian, Array.init))
      }
      contents[name] = .bytes(bytes)
    }
    try CheckpointStore(directory: folder["run"], keeping: 9).save(contents, record: checkpoint.record)
    expectFailure(
      .badData, "/optimizer.safetensors: expected finite numbers, found one that is infinite or NaN in v.2.bias; move"
    ) {
      try train("two-class", ["epochs=1"], in: folder["run"], ranks: 2, start: .resume)
    }
  }

  @Test func otherDataAreNoticed() throws {
    let folder = try Folder()
    let rows = (0..<40).map { "\($0),\($0 % 2)\n" }.joined()
    try folder.write("data.csv", "x,class\n" + rows)
    let file = try folder.write(
      "run.yaml", "data: {csv: {train: \(folder["data.csv"])}}\nmodel: [{dense: 2}]\nbatch: 8\nepochs: 2\n")
    try train(file, in: folder["run"])
    try folder.remove("run/step-00000010")
    try folder.write("data.csv", "x,class\n" + rows.replacing("39,", with: "99,"))
    expectFailure(
      .badData, "expected the data of the run to be resumed, found some from which standardisation takes other numbers"
    ) {
      try train(file, in: folder["run"], ranks: 2, start: .resume)
    }
  }

  @Test func movedDataAreTheSameData() throws {
    let folder = try Folder()
    let rows = (0..<40).map { "\($0),\($0 % 2)\n" }.joined()
    func recipe(_ data: String) throws -> String {
      try folder.write(
        "run.yaml", "data: {csv: {train: \(folder[data])}}\nmodel: [{dense: 2}]\nbatch: 8\nepochs: 2\n")
    }
    try folder.write("data.csv", "x,class\n" + rows)
    let whole = try train(recipe("data.csv"), in: folder["whole"])
    try train(recipe("data.csv"), in: folder["run"])
    try folder.remove("run/step-00000010")
    try folder.remove("data.csv")
    try folder.write("moved.csv", "x,class\n" + rows)
    #expect(try train(recipe("moved.csv"), in: folder["run"], start: .resume) == whole)
  }

  /// Statistics do not tell the order of the rows; without standardisation there are none at all.
  @Test(arguments: ["feature", "none"])
  func anotherOrderOrNumberOfSamplesIsNoticed(standardise: String) throws {
    let folder = try Folder()
    let rows = (0..<40).map { "\($0),\($0 % 2)\n" }
    try folder.write("data.csv", "x,class\n" + rows.joined())
    let file = try folder.write(
      "run.yaml",
      "data: {csv: {train: \(folder["data.csv"])}}\nmodel: [{dense: 2}]\nbatch: 8\nepochs: 2\nstandardise: \(standardise)\n"
    )
    try train(file, in: folder["run"])
    try folder.remove("run/step-00000010")
    let other = standardise == "none" ? rows.prefix(16) : rows.reversed()[...]
    try folder.write("data.csv", "x,class\n" + other.joined())
    expectFailure(.badData, "expected the data of the run to be resumed, found other samples or targets") {
      try train(file, in: folder["run"], ranks: 2, start: .resume)
    }
  }
}
