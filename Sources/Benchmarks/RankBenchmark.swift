import Diagnostics
import Foundation
import Host
import Kernels
import Lockstep

/// One round of one case, on one rank: what `lockstep bench` starts by mpirun, once a round.
package struct RankBenchmark: Codable, Sendable {
  package var benchmarkCase: BenchmarkCase
  /// Of the measured steps, about.
  package var seconds: Double

  package init(_ benchmarkCase: BenchmarkCase, seconds: Double) {
    self.benchmarkCase = benchmarkCase
    self.seconds = seconds
  }

  /// Warms up and measures; all ranks call it, and all get the result.
  package func measure(_ base: any Communicator, environment: [String: String]) throws -> RoundResult {
    let world = CountingCommunicator(base)
    let configuration = try RunConfiguration.shared(
      benchmarkCase.model, benchmarkCase.overrides, in: world, among: BenchmarkModel.sources)
    let instructionSet = try BitCompatibility.establish(world, choice: configuration.instructionSet)
    let prepared = try world.agree {
      let prepared = try PreparedData(configuration)
      try MemoryNeed.require(for: prepared.plan, ranks: world.hostSize)
      return prepared
    }
    let (data, plan) = (prepared.train, prepared.plan)
    try claimCores(world, environment)
    let trainer = try Trainer(
      plan: plan, dataset: data, options: options(prepared), world: world)
    try trainer.compareProbes()

    var result = RoundResult()
    (result.host, result.instructionSet) = (world.host, instructionSet.rawValue)
    // A text is counted in tokens.
    let units = Double(data.classesPerSample)
    result.unit = data.isText ? "tokens" : "samples"
    result.flopsPerSample = 6 * Double(plan.multiplyAdds) / units
    _ = try trainer.runStep()
    result.firstStepTime = Date().timeIntervalSince1970

    let steps = try warmUp(trainer, world)
    let before = try peak(trainer.team, world)
    let own = try block(trainer, steps: steps, units: units, world)
    let after = try peak(trainer.team, world)
    try result.take(own, world, peaks: [before, after])
    return result
  }

  /// Exactly as many cores as lanes, so that a single rank has no core to spare that two ranks would not have.
  private func claimCores(_ world: any Communicator, _ environment: [String: String]) throws {
    let cores = try HostCores.claimShare(world, environment: environment).prefix(benchmarkCase.lanes)
    if cores.count == benchmarkCase.lanes { ProcessorCores.bind(to: Array(cores)) }
  }

  private func options(_ prepared: PreparedData) -> Trainer.Options {
    let configuration = prepared.configuration
    var options = configuration.trainerOptions(samples: configuration.batch, cores: benchmarkCase.lanes)
    options.adaptsLanes = false
    options.augmenter = prepared.augmenter
    // As long as it takes: how many steps fit into the seconds is known only after the warm-up.
    options.schedule = Schedule(rate: configuration.learningRate, steps: 1 << 32)
    return options
  }

  /// Runs steps until caches, frequencies and pages have settled; returns how many fill the time, as rank zero sees it.
  private func warmUp(_ trainer: Trainer, _ world: any Communicator) throws -> Int {
    let enough = 3
    for _ in 0..<enough { _ = try trainer.runStep() }
    while trainer.isTrying { _ = try trainer.runStep() }
    var clock = Stopwatch()
    for _ in 0..<enough { _ = try trainer.runStep() }
    let fitting = seconds / (clock.lap() / Double(enough))
    return try world.allGather([max(enough, Int(fitting.rounded(.up)))])[0][0]
  }

  /// The rate of fused multiply-adds on all ranks at once, before and after the steps: a tenth of their time each.
  private func peak(_ team: LaneTeam, _ world: any Communicator) throws -> Double {
    try world.barrier()
    let own = PeakRate.measure(team, seconds: min(0.2, max(0.02, seconds / 10)))
    return try world.allGather([own]).reduce(0) { $0 + $1[0] }
  }

  /// The steps that count.
  private func block(_ trainer: Trainer, steps: Int, units: Double, _ world: CountingCommunicator) throws -> RankFigures
  {
    var figures = RankFigures()
    figures.steps = Double(steps)
    try world.barrier()
    let (traffic, shared) = (world.traffic, trainer.sharedBytesRead)
    let allocations = try Allocations.count {
      var clock = Stopwatch()
      for _ in 0..<steps {
        let report = try trainer.runStep()
        figures.samples += Double(report.step.count) * units
        figures.add(report.times)
      }
      figures.seconds = clock.lap()
    }
    figures.take(world.traffic - traffic, sharedBytes: trainer.sharedBytesRead - shared, allocations)
    return figures
  }
}
