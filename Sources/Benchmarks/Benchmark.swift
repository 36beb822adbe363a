import Diagnostics
import Foundation
import Lockstep

/// The benchmark of training: all cases, one after the other, round by round, so that a drift of the machine hits all
/// of them alike.
package struct Benchmark {
  package let cases: [BenchmarkCase]
  package let scaling: Scaling
  package let rounds: Int
  /// Of the measured steps of a case in a round, about.
  package let seconds: Double
  let launcher: Launcher

  package init(cases: [BenchmarkCase], scaling: Scaling, rounds: Int, seconds: Double, launcher: Launcher) {
    self.cases = cases
    self.scaling = scaling
    self.rounds = rounds
    self.seconds = seconds
    self.launcher = launcher
  }

  /// Measures everything; `progress` is told each round of a case when it is done.
  package func run(progress: (String) -> Void) throws -> [CaseResult] {
    var found = cases.map { _ in [(measurement: RoundResult, firstStepSeconds: Double)]() }
    for round in 1...rounds {
      for (place, benchmarkCase) in cases.enumerated() {
        let next = try measure(benchmarkCase)
        found[place].append(next)
        let rate = significant(next.measurement.samplesPerSecond)
        progress("round \(round)/\(rounds): \(benchmarkCase.description): \(rate) \(next.measurement.unit)/s")
      }
    }
    let rates = found.map { $0.map(\.measurement.samplesPerSecond) }
    return cases.indices.map { place in
      let base = self.base(of: place)
      return CaseResult(
        cases[place], scaling: scaling, rounds: found[place].map(\.measurement),
        efficiency: base == place
          ? nil
          : CaseResult.efficiency(
            rates[place], of: cases[place].cores, against: rates[base], of: cases[base].cores),
        firstStepSeconds: found[place].map(\.firstStepSeconds))
    }
  }

  /// The case that another one is compared with: the first with the fewest cores.
  private func base(of place: Int) -> Int {
    cases.indices
      .filter {
        cases[$0].model == cases[place].model && cases[$0].reduction == cases[place].reduction
          && cases[$0].microBatch == cases[place].microBatch
      }
      .min { cases[$0].cores < cases[$1].cores }!
  }

  private func measure(_ benchmarkCase: BenchmarkCase) throws -> (measurement: RoundResult, firstStepSeconds: Double) {
    let request = try JSONEncoder().encode(RankBenchmark(benchmarkCase, seconds: seconds))
    let start = Date().timeIntervalSince1970
    let output = try launcher.run(
      ["bench-rank", String(decoding: request, as: UTF8.self)], ranks: benchmarkCase.ranks,
      what: benchmarkCase.description)
    let measurement: RoundResult = try rankAnswer(output, benchmarkCase.description)
    return (measurement, measurement.firstStepTime - start)
  }
}
