// A source, a transform, a metric and an optimizer of one's own, which configurations then know, and an observer.
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
  var middle: Float = 0
  init(_ settings: ConfigReader) {}
  func fitted(on training: Dataset) -> any FittedTransform { with(3) }
  func restored(from arrays: [FittedArray], shape: Shape) -> any FittedTransform { with(arrays[0].values[0]) }
  var arrays: [FittedArray] { [FittedArray("middle", [middle])] }
  func apply(to features: FloatView, samples: Int) { for i in 0..<features.count { features[i] -= middle } }
  var description: String { "centre" }
  private func with(_ middle: Float) -> Centre { var own = self; own.middle = middle; return own }
}

struct LogMeanSquare: Metric {
  static let kind = "log-mean-square"
  init(_ settings: ConfigReader) {}
  func tally(of task: LearningTask) -> (any Tally)? { NoTally() }
  func score(of task: LearningTask, _ totals: Totals) -> Double? { log(totals.loss) }
}

struct SignDescent: Optimizer {
  static let (kind, usualRate) = ("sign-descent", 0.002)
  init(_ settings: ConfigReader) {}
  func state(for layout: ParameterLayout) -> [StateSlot] { [] }
  func prepared(step: Int, rate: Double, decays: Bool) -> Float { Float(rate) }
  func update(_ p: FloatView, state: OptimizerSlice, gradient g: FloatView, scale: Float, _ rate: Float) {
    for i in 0..<p.count where g[i] != 0 { p[i] -= g[i] > 0 ? rate : -rate }
  }
}

final class Epochs: RunObserver {
  func observe(_ event: RunEvent) {
    if case .epoch(let report) = event, let test = report.evaluation { print("epoch", report.epoch, test.metrics[1]) }
  }
}

sourceKinds.add(Sine.self)
transformKinds.add(Centre.self)
metricKinds.add(LogMeanSquare.self)
optimizerKinds.add(SignDescent.self)
let directory = CommandLine.arguments.dropFirst().first ?? "runs/sine"
let yaml =
  "data: sine\ntransforms: [centre]\nstandardise: none\nloss: mean-squared-error\nmetrics: [log-mean-square]\n"
  + "optimizer: sign-descent\nmodel: [{dense: 16}, tanh, {dense: 1}]\nbatch: 32\nepochs: 40\n"
exit(
  withMPI { world in
    let configuration = try RunConfiguration(yaml: yaml, name: "sine")
    return try TrainingRun(
      configuration, output: directory, observers: world.rank == 0 ? [Epochs()] : [], world: world
    ).train()
  })
