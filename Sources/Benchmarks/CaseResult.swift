/// What all rounds of one case found.
package struct CaseResult: Sendable {
  package let benchmarkCase: BenchmarkCase
  package let scaling: Scaling
  /// One a round, in order.
  package let rounds: [RoundResult]
  /// How well the cores are used, against the case with the fewest cores of the same model, reduction and micro-batch:
  /// the ratio of the rates, round by round, divided by the ratio of the cores. Nil where there is no smaller case.
  package let efficiency: Spread?
  /// Seconds from the start of the processes to the end of the first step.
  package let firstStepSeconds: Spread

  package init(
    _ benchmarkCase: BenchmarkCase, scaling: Scaling = .weak, rounds: [RoundResult], efficiency: Spread? = nil,
    firstStepSeconds: [Double]
  ) {
    precondition(!rounds.isEmpty, "a case without rounds")
    self.benchmarkCase = benchmarkCase
    self.scaling = scaling
    self.rounds = rounds
    self.efficiency = efficiency
    self.firstStepSeconds = Spread(firstStepSeconds)
  }

  package var samplesPerSecond: Spread { spread(\.samplesPerSecond) }

  package func spread(_ figure: KeyPath<RoundResult, Double>) -> Spread { Spread(rounds.map { $0[keyPath: figure] }) }

  package var peakMemoryBytes: Int { rounds.map(\.peakMemoryBytes).max()! }

  /// The efficiency of a case against a base, from rates of the same rounds.
  static func efficiency(
    _ rates: [Double], of cores: Int, against base: [Double], of baseCores: Int
  ) -> Spread {
    Spread(zip(rates, base).map { $0 / $1 * Double(baseCores) / Double(cores) })
  }
}
