import Kernels
import Lockstep

/// The rate of fused multiply-adds of this rank's cores: what a training step is measured against.
///
/// Each lane runs chains that do not wait for each other, in registers alone, with the vectors that products are computed with.
enum PeakRate {
  /// Floating-point operations a second of all lanes together, over about `seconds`.
  static func measure(_ team: LaneTeam, seconds: Double) -> Double {
    let rates = LaneRates(count: team.count)
    team.run { lane in
      var (done, spent) = (0.0, 0.0)
      var clock = Stopwatch()
      repeat {
        done += Kernels.burst(rounds: 10_000)
        spent += clock.lap()
      } while spent < seconds
      rates[lane] = done / spent
    }
    return rates.sum
  }
}

/// One number a lane, each written by its own.
private final class LaneRates: @unchecked Sendable {
  private let values: UnsafeMutableBufferPointer<Double>

  init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: 0)
  }

  deinit { values.deallocate() }

  subscript(lane: Int) -> Double {
    get { values[lane] }
    set { values[lane] = newValue }
  }

  var sum: Double { values.reduce(0, +) }
}
