import Configuration
import Kernels
import Tensors

/// q·max(t - x, 0) + (1 - q)·max(x - t, 0), averaged over quantiles q and targets: an output for each quantile of each
/// target, so that a prediction comes with an interval (Koenker, Bassett 1978).
///
/// Letters: B samples, W targets of a sample, Q quantiles. Outputs are B×W×Q: those of a target side by side, from the
/// lowest quantile to the highest.
public struct QuantileLoss: Loss {
  public static let kind = "quantile"
  public static let summary =
    "an interval: an output for each quantile of a target, q (t - y) above it, (1 - q) (y - t) below"

  /// Ascending, each between 0 and 1.
  package let quantiles: [Float]

  /// `quantiles`, ascending, are between 0 and 1; the one nearest to the median is the prediction.
  public init(quantiles: [Float] = [0.05, 0.5, 0.95]) {
    precondition(!quantiles.isEmpty && quantiles.allSatisfy { $0 > 0 && $0 < 1 }, "between 0 and 1, found \(quantiles)")
    precondition(zip(quantiles, quantiles.dropFirst()).allSatisfy { $0 < $1 }, "ascending, found \(quantiles)")
    self.quantiles = quantiles
  }

  public init(_ settings: ConfigReader) throws {
    let quantiles = try settings.doubles("quantiles", default: [0.05, 0.5, 0.95]).map { Float($0) }
    guard !quantiles.isEmpty, quantiles.allSatisfy({ $0 > 0 && $0 < 1 }),
      zip(quantiles, quantiles.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw settings.failure(
        at: "quantiles", "expected numbers between 0 and 1, each once, ascending, found \(quantiles)",
        cure: "write [0.05, 0.5, 0.95]")
    }
    self.quantiles = quantiles
  }

  public var meaning: OutputMeaning { .values }
  public var outputsPerTarget: Int { quantiles.count }
  /// The quantile nearest to the median, the first of two.
  public var point: Int { quantiles.indices.min { abs(quantiles[$0] - 0.5) < abs(quantiles[$1] - 0.5) }! }
  public var outputNames: [String?] {
    quantiles.enumerated().map { $0 == point ? nil : "quantile \($1)" }
  }

  /// Sorts the quantiles of each target, which training alone does not keep from crossing (Chernozhukov et al. 2010).
  public func activate(_ outputs: FloatView, columns: Int) {
    for first in stride(from: 0, to: outputs.count, by: quantiles.count) {
      for place in first + 1..<first + quantiles.count {
        // Few numbers, mostly in order: one after the other to its place.
        var other = place
        while other > first, outputs[other] < outputs[other - 1] {
          (outputs[other], outputs[other - 1]) = (outputs[other - 1], outputs[other])
          other -= 1
        }
      }
    }
  }

  public func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView?) -> Double {
    Kernels.quantile(
      outputs, targets: values(targets), quantiles: quantiles, rows: rows, valid: valid, gradient: gradient)
  }
}

extension Loss where Self == QuantileLoss {
  /// See `QuantileLoss.init`.
  public static func quantile(_ quantiles: [Float] = [0.05, 0.5, 0.95]) -> QuantileLoss {
    QuantileLoss(quantiles: quantiles)
  }
}
