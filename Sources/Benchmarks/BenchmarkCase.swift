import Diagnostics
import Lockstep

/// One thing to be measured: a model on so many ranks and lanes.
package struct BenchmarkCase: Codable, Hashable, Sendable {
  /// The name of a built-in model or a recipe, or a file.
  package var model: String
  package var ranks: Int
  /// Of each rank.
  package var lanes: Int
  /// `canonical` or `native`.
  package var reduction: String
  /// Samples of a step, over all ranks.
  package var batch: Int
  package var microBatch: Int
  /// What products take their factors as: `float32` or `bfloat16`.
  package var precision: String
  /// Other settings than the model's own, as `key.path=value`; those of the case win.
  package var settings: [String]
  /// The setting that makes data of its own long enough, so that every batch is a whole one; nil where they are.
  package var lengthening: String?

  package init(
    model: String, ranks: Int, lanes: Int, reduction: ReductionMethod, batch: Int, microBatch: Int,
    precision: NumberFormat = .float32, settings: [String] = [], lengthening: String? = nil
  ) {
    self.model = model
    self.ranks = ranks
    self.lanes = lanes
    self.reduction = reduction.rawValue
    self.batch = batch
    self.microBatch = microBatch
    self.precision = precision.rawValue
    self.settings = settings
    self.lengthening = lengthening
  }

  /// Cores that it keeps busy.
  package var cores: Int { ranks * lanes }

  /// `mlp`, or `mlp bfloat16` where it is not computed in single precision.
  var title: String { precision == NumberFormat.float32.rawValue ? model : "\(model) \(precision)" }

  /// `mlp, 2 ranks × 1 lane, canonical`
  package var description: String {
    "\(title), \(count(ranks, "rank")) × \(count(lanes, "lane")), \(reduction)"
  }

  /// The settings that make the model's configuration that of this case.
  var overrides: [String] {
    let own = ["batch=\(batch)", "micro-batch=\(microBatch)", "lanes=\(lanes)", "reduction=\(reduction)"]
    return settings + own + [lengthening].compactMap { $0 }
  }
}

/// How the batch grows with the ranks.
package enum Scaling: String, CaseIterable, Sendable {
  /// Every rank gets as many samples: the batch grows with the ranks.
  case weak
  /// The batch is the same for any number of ranks.
  case strong
}

extension BenchmarkCase {
  /// All combinations, in the order in which a round measures them; refuses what could not be trained.
  ///
  /// - Parameters:
  ///   - batch: samples a rank (weak) or in all (strong); nil means the batch of the model's file for each rank, and for
  ///     strong scaling that many times the greatest number of ranks, or the batch of a recipe or file as it is.
  ///   - microBatch: nil means that of the model's file.
  ///   - settings: of all models, `key.path=value`.
  package static func all(
    models: [String], ranks: [Int], lanes: [Int], reductions: [ReductionMethod], scaling: Scaling = .weak,
    batch: Int? = nil, microBatch: Int? = nil, settings: [String] = []
  ) throws -> [BenchmarkCase] {
    var cases: [BenchmarkCase] = []
    let mostRanks = ranks.max() ?? 1
    for name in models {
      let model = try BenchmarkModel(name, settings: settings)
      let own = batch ?? model.configuration.batch
      let fixed = batch == nil && model.isBuiltIn ? own * mostRanks : own
      for ranks in ranks {
        let total = scaling == .weak ? own * ranks : fixed
        for lanes in lanes {
          for reduction in reductions {
            let micro = microBatch ?? model.configuration.microBatch
            guard total % micro == 0 else {
              throw Failure(
                .usage, at: name,
                "expected a batch of whole micro-batches of \(micro) samples, found a batch of \(total)",
                cure: "choose another --batch or --micro-batch")
            }
            let benchmarkCase = BenchmarkCase(
              model: name, ranks: ranks, lanes: lanes, reduction: reduction, batch: total,
              microBatch: micro, precision: model.configuration.precision, settings: settings,
              lengthening: model.lengthening(toBatchesOf: total))
            _ = try RunConfiguration(
              ConfigurationSource(name, among: BenchmarkModel.sources), overrides: benchmarkCase.overrides)
            cases.append(benchmarkCase)
          }
        }
      }
    }
    return cases
  }
}
