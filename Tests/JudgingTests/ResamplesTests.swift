import Diagnostics
import Host
import Judging
import Metrics
import Tensors
import Testing

/// Intervals by resamples: the same bits wherever they are computed, and as wide as they should be.
@Suite struct ResamplesTests {
  /// Draws are those of a second writing, of any number of rows.
  @Test(arguments: [1, 127, 128, 129, 1000]) func drawsAreAFunctionOfRowAndResample(rows: Int) {
    let random = Philox(seed: 3, purpose: .bootstrap)
    var draws = [UInt8](repeating: 99, count: rows)
    draws.withUnsafeMutableBufferPointer { random.drawPoisson($0, stream: 5) }
    // The chances of at most k, of a mean of 1: e⁻¹ Σ 1 / i!.
    var (chances, sum, factor) = ([Double](), 0.0, 0.36787944117144233)
    for k in 0..<12 {
      if k > 0 { factor /= Double(k) }
      sum += factor
      chances.append((sum * 0x1p32).rounded())
    }
    let expected = (0..<rows).map { row in
      let word = random.block(stream: 5, index: UInt64(row / 128 * 32 + row % 32))[row % 128 / 32]
      return UInt8(chances.count { Double(word) >= $0 })
    }
    #expect(draws == expected)
  }

  /// 100,000 draws: mean and variance are 1, within five times their standard errors.
  @Test func drawsArePoisson() {
    var draws = [UInt8](repeating: 0, count: 100_000)
    draws.withUnsafeMutableBufferPointer { Philox(seed: 1, purpose: .bootstrap).drawPoisson($0, stream: 0) }
    let mean = draws.reduce(0) { $0 + Double($1) } / 1e5
    let variance = draws.reduce(0) { $0 + (Double($1) - 1) * (Double($1) - 1) } / 1e5
    #expect(abs(mean - 1) < 5 * 0.0032 && abs(variance - 1) < 5 * 0.0055)
    #expect(Set(draws).isSuperset(of: [0, 1, 2, 3, 4, 5, 6]))
  }

  @Test func threadsChangeNoBit() throws {
    let rows = try twoClasses(500, weights: (0..<500).map { Double($0 % 7) / 3 })
    let baseline = try #require(Baseline(counts: [7, 3]).said(of: rows))
    let texts = try [1, 2, 3].map { cores in
      try sortedJSON(
        Judge(ClassCase.metrics, resamples: Resamples(count: 50), team: CoreTeam(cores: Array(0..<cores)))
          .judge(rows, beside: baseline))
    }
    #expect(texts[0] == texts[1] && texts[0] == texts[2])
    let other = Judge(ClassCase.metrics, resamples: Resamples(count: 50, seed: 2)).judge(rows, beside: baseline)
    #expect(try sortedJSON(other) != texts[0])
  }

  /// Of a part of n rows, the interval is p ± 1.96 √(p(1 - p)/n), within a tenth of its width.
  @Test func intervalOfAccuracyIsTheBinomialOne() throws {
    let rows = try twoClasses(2000)
    let found = try #require(Judge([Accuracy()]).judge(rows).figures["accuracy"])
    let p = try #require(found.value.value)
    let (low, high) = try #require(found.interval?.bounds)
    let half = 1.96 * (p * (1 - p) / 2000).squareRoot()
    #expect(abs(low - (p - half)) < 0.2 * half && abs(high - (p + half)) < 0.2 * half, "\(low) \(p) \(high)")
  }

  /// A whole weight counts as that many copies of the row.
  @Test func weightsAreCopies() throws {
    let weights = (0..<300).map { Double($0 % 4) }
    let rows = try twoClasses(300, weights: weights)
    let copies = weights.enumerated().flatMap { [Int32](repeating: Int32($0), count: Int($1)) }
    let judge = Judge(ClassCase.metrics, resamples: Resamples(count: 0))
    let (found, expected) = (judge.judge(rows), judge.judge(try twoClasses(300).selecting(copies)))
    for (key, figure) in found.figures {
      let (a, b) = (figure.value.value ?? .nan, expected.figures[key]?.value.value ?? .nan)
      #expect(abs(a - b) < 1e-12, "\(key)")
    }
  }

  /// Two models that err on the same rows differ less than their intervals say, and a model does not differ from itself.
  @Test func differencesArePaired() throws {
    let (a, b) = (try twoClasses(400), try twoClasses(400, shift: 30))
    let judge = Judge([ROCAUC(), LogLoss()], resamples: Resamples(count: 200))
    let found = try #require(judge.judge(a, beside: b).figures["roc-auc"])
    let (own, difference) = (try #require(found.interval?.bounds), try #require(found.differenceInterval?.bounds))
    #expect(difference.high - difference.low < (own.high - own.low) / 2)
    let itself = try #require(judge.judge(a, beside: a).figures["log-loss"])
    #expect(itself.difference == 0 && itself.differenceInterval == .bounds(low: 0, high: 0))
    #expect(itself.differs == false)
  }
}
