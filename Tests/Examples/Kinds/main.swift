// A source, a transform, an augmentation, a metric and an observer of one's own, which configurations then know.
//
//   mpirun -n 2 example-kinds runs/sine

import Foundation
import Lockstep
import LockstepMPI

struct Sine: Source {
  static let kind = "sine"
  let count: Int
  init(_ settings: ConfigReader) throws { count = try settings.int("count", default: 512, in: 1...(1 << 20)) }
  func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) -> Dataset? {
    let x = (0..<count).map { Float($0) / Float(count) * 6 + (part == .test ? 0.005 : 0) }
    return Dataset(source: "sine", shape: [1], features: .floats(x), targets: .values(x.map { sin($0) }, width: 1))
  }
}

struct Centre: Transform, FittedTransform {
  static let kind = "centre"
  var arrays: [FittedArray] = []
  init(_ settings: ConfigReader) {}
  func fitted(on training: Dataset) -> any FittedTransform {
    guard case .floats(let x) = training.gathered().features else { return self }
    return with([FittedArray("mean", [x.reduce(0, +) / Float(x.count)])])
  }
  func restored(from arrays: [FittedArray], shape: Shape) -> any FittedTransform { with(arrays) }
  func apply(to x: FloatView, samples: Int) { for i in 0..<x.count { x[i] -= arrays[0].values[0] } }
  var description: String { "centre" }
  private func with(_ arrays: [FittedArray]) -> Centre { var own = self; own.arrays = arrays; return own }
}

struct Nudge: Augmentation {
  static let kind = "nudge"
  let most: Double
  init(_ settings: ConfigReader) throws { most = try settings.double("most", default: 0.01, in: 0...1) }
  func bound(to training: TrainingSamples) -> any Augmentation { self }
  func augment(_ sample: FloatView, _ form: SampleForm, _ draws: inout Draws, scratch: FloatView) {
    for i in 0..<sample.count { sample[i] += Float(draws.number(in: -most...most)) }
  }
}

struct LogMeanSquare: Metric {
  static let kind = "log-mean-square"
  init(_ settings: ConfigReader) {}
  func tally(of task: LearningTask) -> (any Tally)? { NoTally() }
  func score(of task: LearningTask, _ totals: Totals) -> Double? { log(totals.loss) }
}

final class Epochs: ObserverSettings, RunObserver {
  static let kind = "epochs"
  init(_ settings: ConfigReader) {}
  func observer(rank: Int, directory: String) -> (any RunObserver)? { rank == 0 ? self : nil }
  func observe(_ event: RunEvent) {
    if case .epoch(let report) = event, let test = report.evaluation { print("epoch", report.epoch, test.metrics[1]) }
  }
}

sourceKinds.add(Sine.self)
transformKinds.add(Centre.self)
augmentationKinds.add(Nudge.self)
metricKinds.add(LogMeanSquare.self)
observerKinds.add(Epochs.self)
let yaml =
  "data: sine\ntransforms: [centre]\naugment: [nudge]\nstandardise: none\nloss: mean-squared-error\nmetrics: [log-mean-square]\n"
  + "observers: [epochs, epoch-table]\nmodel: [{dense: 16}, tanh, {dense: 1}]\nbatch: 32\nepochs: 40\n"
let code = withMPI { world in
  let configuration = try RunConfiguration(yaml: yaml, name: "sine")
  return try TrainingRun(configuration, output: CommandLine.arguments.dropFirst().first, world: world).train()
}
exit(code)
