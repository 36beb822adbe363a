import Communication
import Datasets
import Diagnostics
import Synchronization
import TestSupport
import Testing

@testable import Lockstep

/// What a run tells, in which order, and what becomes of somebody who cannot listen.
@Suite struct ObserverTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// Writes down the events of its rank; throws at one of them if asked to.
  private final class Listener: RunObserver {
    private(set) var events: [String] = []
    private let failing: String?

    init(failing: String? = nil) { self.failing = failing }

    func observe(_ event: RunEvent) throws {
      let word =
        switch event {
        case .start(let start): "start \(start.firstStep) of \(start.stepCount) on \(start.ranks)"
        case .note: "note"
        case .step(let report): "step \(report.step.number + 1)"
        case .epoch(let report): "epoch \(report.epoch) \(report.evaluation?.headline.name ?? "-")"
        case .stop(let step, _): "stop \(step)"
        case .end(let result): "end \(result.summary.steps)"
        case .failure: "failure"
        }
      if word != "note" { events.append(word) }
      if word == failing { throw Failure(.inputOutput, at: "listener", "has had enough") }
    }
  }

  /// Keeps what a run tells of itself as it begins.
  private final class Beginning: RunObserver {
    private(set) var start: RunStart?
    func observe(_ event: RunEvent) { if case .start(let start) = event { self.start = start } }
  }

  /// The first line names what products are computed in, where that is not single precision.
  @Test func theFirstLineTellsThePrecision() throws {
    for (precision, told) in [("float32", ""), ("bfloat16", ", bfloat16")] {
      let beginning = Beginning()
      let run = try TrainingRun(
        recipe: "two-class", overrides: ["precision=\(precision)", "lanes=1"], output: folder[precision],
        verbosity: .silent, observers: [beginning], world: LocalWorld.single(), environment: [:])
      let start = try #require(beginning.start)
      #expect(start.precision.rawValue == precision)
      #expect(start.title.hasSuffix(", 1 rank × 1 lane, \(run.instructionSet.rawValue)\(told)"), "\(start.title)")
    }
  }

  private func run(
    _ run: String, _ overrides: [String] = [], ranks: Int, start: TrainingRun.Start = .new, failing: String? = nil,
    on failingRank: Int = 0
  ) throws -> [[String]] {
    try LocalWorld.run(ranks: ranks) { world in
      let listener = Listener(failing: world.rank == failingRank ? failing : nil)
      let settings = ["data.two-class.train=256", "batch=128", "epochs=2"] + overrides
      _ = try TrainingRun(
        recipe: "two-class", overrides: settings, output: folder[run], start: start, verbosity: .silent,
        observers: [listener], world: world, environment: [:]
      ).train()
      return listener.events
    }
  }

  @Test(arguments: 1...3)
  func everyRankHearsOfEverything(ranks: Int) throws {
    let expected = [
      "start 0 of 4 on \(ranks)", "step 1", "step 2", "epoch 1 accuracy", "step 3", "step 4", "epoch 2 accuracy",
      "end 4",
    ]
    #expect(try run("whole", ranks: ranks) == Array(repeating: expected, count: ranks))
    let first = try run("parts", ["stop-after=3"], ranks: ranks)[0]
    #expect(first.suffix(2) == ["step 3", "stop 3"])
    let second = try run("parts", ["stop-after=9"], ranks: ranks, start: .resume)[0]
    #expect(second == ["start 3 of 4 on \(ranks)", "step 4", "epoch 2 accuracy", "end 1"])
  }

  /// Whoever fails ends the run on every rank, with its own words.
  @Test(arguments: ["start 0 of 4 on 3", "step 1", "step 4", "epoch 1 accuracy", "end 4"], [0, 2])
  func aFailureEndsTheRun(event: String, rank: Int) throws {
    let failure = failure { _ = try run("failing", ranks: 3, failing: event, on: rank) }
    #expect(failure?.description == "listener: has had enough" && failure?.code == .inputOutput, "\(failure as Any)")
  }

  /// The one that fails is told no more, and the others are told everything.
  @Test func othersHearOn() throws {
    let (deaf, other) = (Listener(failing: "step 1"), Listener())
    let observers = Observers([deaf, other])
    for event in [RunEvent.stop(step: 1, checkpoint: ""), .note("a"), .stop(step: 2, checkpoint: "")] {
      observers.tell(event)
    }
    #expect(!observers.hasFailed && deaf.events == ["stop 1", "stop 2"])
    let quitting = Listener(failing: "stop 3")
    observers.add(quitting)
    for step in 3...4 { observers.tell(.stop(step: step, checkpoint: "")) }
    #expect(observers.hasFailed && quitting.events == ["stop 3"] && other.events.last == "stop 4")
    #expect(throws: Failure.self) { try observers.check() }
  }

  /// What no file could say is refused as a file's would be.
  @Test func settingsThatMakeNoSense() {
    let train = Dataset.twoClass(count: 64, seed: 1, part: .train)
    func message(
      _ epochs: Int = 1, batch: Int = 32, rate: Double = 0.1, every: Int? = nil, clip: Double? = nil
    ) -> String? {
      failure {
        _ = try RunConfiguration(
          name: "a", train: train, learningRate: rate, clipNorm: clip, epochs: epochs, batch: batch,
          checkpointEvery: every
        ) { Dense(units: 2) }
      }?.description
    }
    #expect(message() == nil)
    #expect(message(0)?.hasPrefix("epochs: expected a number from 1 to 1000000, found 0; correct the argument") == true)
    #expect(
      message(batch: 0)?.hasPrefix("batch: ") == true && message(rate: .nan)?.hasPrefix("learning-rate: ") == true)
    #expect(message(batch: 1 << 25)?.hasPrefix("batch: expected a number from 1 to 16777216, found 33554432") == true)
    #expect(message(rate: .infinity)?.hasPrefix("learning-rate: expected a number greater than 0, found inf") == true)
    #expect(
      message(every: 0)?.hasPrefix("checkpoint-every: ") == true && message(clip: -1)?.hasPrefix("clip-norm") == true)
  }

  /// Without files, as a program does it; the same data and settings give the same bits as from YAML.
  @Test func aProgramsOwnRun() throws {
    let (seed, count) = (UInt64(1), 256)
    let own = try RunConfiguration(
      name: "own", train: .twoClass(count: count, seed: seed, part: .train),
      test: .twoClass(count: 128, seed: seed, part: .test), optimizer: .adam(), learningRate: 0.01, epochs: 2,
      batch: 64, microBatch: 16
    ) {
      Dense(units: 16)
      ReLU()
      Dense(units: 2)
    }
    let digests = try LocalWorld.run(ranks: 2) { world in
      let run = try TrainingRun(own, output: folder["own"], verbosity: .silent, world: world, environment: [:])
      #expect(try run.train() == 0)
      return "\(run.digest)"
    }
    let same = try train(
      "two-class",
      [
        "data.two-class.train=\(count)", "epochs=2", "batch=64", "micro-batch=16", "optimizer={adam: 0.01}",
        "model=[{dense: 16}, relu, {dense: 2}]",
      ], in: folder["yaml"])
    #expect(digests == [same, same])

    let model = try Model(folder["own"], as: own)
    #expect(try model.evaluate(model.testData()).loss == model.record.metrics["test loss"])
    #expect(failure { _ = try Model(folder["own"]) }?.code == .usage)
    // It goes on as what it was, and as nothing else.
    let longer = try RunConfiguration(
      name: "own", train: .twoClass(count: count, seed: seed, part: .train), optimizer: .sgd(), epochs: 3, batch: 64,
      microBatch: 16
    ) { Dense(units: 2) }
    let refusal = failure {
      _ = try TrainingRun(
        longer, output: folder["own"], start: .resume, verbosity: .silent, world: LocalWorld.single(), environment: [:])
    }
    #expect(
      refusal?.description.contains("belongs to another run: expected model as it was") == true, "\(refusal as Any)")
  }
}
