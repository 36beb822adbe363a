import Lockstep

@testable import Benchmarks

/// Two cases of three rounds with round numbers: one rank, and two that are 1.8, 1.5 and 1.7 times as fast.
func sampleResults() -> [CaseResult] {
  let rates: [[Double]] = [[1000, 2000, 1500], [1800, 3000, 2550]]
  let cases = [1, 2].map {
    BenchmarkCase(model: "mlp", ranks: $0, lanes: 1, reduction: .canonical, batch: 128 * $0, microBatch: 64)
  }
  return cases.indices.map { place in
    CaseResult(
      cases[place], rounds: rates[place].map { sampleMeasurement(rate: $0, ranks: place + 1) },
      efficiency: place == 0 ? nil : CaseResult.efficiency(rates[1], of: 2, against: rates[0], of: 1),
      firstStepSeconds: [0.5, 0.25, 0.75])
  }
}

private func sampleMeasurement(rate: Double, ranks: Int) -> RoundResult {
  var measurement = RoundResult()
  measurement.samplesPerSecond = rate
  measurement.flopsPerSample = 4e6
  measurement.peakFlopsPerSecond = 16e9
  measurement.stepSeconds = 0.5
  measurement.computeSeconds = 0.3
  measurement.communicationSeconds = 0.1
  measurement.waitingSeconds = 0.06
  measurement.inputSeconds = 0.04
  measurement.bytesPerStep = ranks == 1 ? 0 : 2_678_824
  measurement.messagesPerStep = ranks == 1 ? 0 : 6
  measurement.allocationsPerStep = 0
  measurement.peakMemoryBytes = 116_000_000
  measurement.host = "node\"01\""
  measurement.instructionSet = "avx2"
  return measurement
}
