import Datasets
import Diagnostics
import Foundation
import Kernels
import Layers
import Losses
import Tensors
import Training

extension Model {
  /// Training rows that ranges of inputs are taken of, where nothing else is said.
  public static let usualQuantisationRows = 1024

  /// Rounds the network's dense layers, convolutions, projections of attention and tables of embeddings to whole numbers of 8 bits,
  /// measures what that comes to, and keeps it in the checkpoint's folder. One process alone. Adapters are merged into weights before.
  ///
  /// Of them those are rounded whose places, `2.0`, fit one of `layers`: all, where that is nil.
  ///
  /// Ranges of inputs are taken of training rows, which a keyed order draws; figures are of the test rows, or else of those that training
  /// was watched by.
  ///
  /// Throws unavailable (69) where no layer can, a usage error (64) where a pattern fits none, bad data (65) where the network gives what is no number, and no input (66) where the
  /// training data cannot be read.
  public func quantise(rows: Int = usualQuantisationRows, layers: [NamePattern]? = nil) throws
    -> Quantisation
  {
    precondition(rows > 0, "ranges are taken of rows, found \(rows)")
    let (merged, parameters) = try merged
    let (paths, tables) = try integerPlaces(of: merged.network, layers)
    guard let training = try configuration.data.read(.train, seed: configuration.seed, like: schema)
    else {
      throw Failure(.missingInput, at: path, "expected the training data, found none")
    }
    let ready = try training.transformed(by: transforms)
    let order = EpochPermutation(count: ready.count, seed: configuration.seed, epoch: 0)
    var samples = [Int](repeating: 0, count: min(rows, ready.count))
    samples.withUnsafeMutableBufferPointer { order.fill($0, from: 0) }
    let floats = try merged.network.plan(microBatch: configuration.microBatch)
    let ranges = InputRanges(
      paths, of: floats, parameters.view, loss: configuration.loss, dataset: ready, samples: samples)
    let (scales, unusable) = ranges.scales()
    if let unusable {
      throw Failure(
        .badData, at: "model.\(unusable)", "expected numbers as its input, found infinities or none",
        cure: "look at the training rows, or at the weights")
    }
    let rounded = try merged.network.plan(
      microBatch: configuration.microBatch, scales: scales, tables: Set(tables))
    let weights = rounded.makeIntegerWeights(parameters.view)
    let found = Quantisation(
      scales: scales, tables: tables.isEmpty ? nil : tables,
      share: try merged.network.share(of: scales),
      rows: samples.count, weights: record.digest,
      comparison: try compare(rounded, parameters.view, weights),
      size: Quantisation.Size(rounded.integerSize))
    try found.write(toCheckpoint: path)
    try tellReceipt(of: found)
    return found
  }

  /// The places of the products and tables that are to be rounded.
  private func integerPlaces(
    of network: Network, _ patterns: [NamePattern]?
  ) throws -> (products: [String], tables: [String]) {
    let (layers, tables) = try network.integerLayers
    guard !layers.isEmpty || !tables.isEmpty else {
      throw Failure(
        .unavailable, at: path,
        "expected a dense layer, a convolution of one group, attention or an embedding, found none that 8 bits can do"
      )
    }
    guard let patterns else { return (layers.flatMap(\.products), tables) }
    let all = tables + layers.map(\.path)
    if let other = patterns.first(where: { !all.contains(where: $0.matches) }) {
      throw Failure(
        .usage, at: path, "expected layers that 8 bits can do, found \"\(other)\", which fits none",
        cure: nearest(to: other.description, among: all).map { "the nearest is \($0)" }
          ?? "there are some at \(all.prefix(20).joined(separator: ", "))")
    }
    return (
      layers.filter { patterns.match($0.path) }.flatMap(\.products), tables.filter(patterns.match)
    )
  }

  /// Figures and speed on rows that training has not seen; nil where there are none.
  private func compare(
    _ rounded: Plan, _ parameters: FloatView, _ weights: RoundedWeights
  ) throws -> Quantisation.Comparison? {
    let measured = try measuredData()
    guard let (name, data) = measured.last(where: { $0.name == "test" }) ?? measured.last else { return nil }
    let ready = try data.transformed(by: transforms)
    let both = [evaluator(world), evaluator(world, of: rounded, on: parameters, integers: weights)]
    let evaluations = try both.map { try $0.evaluate(ready) }
    var figures = [
      Quantisation.Figure(name: "loss", floats: evaluations[0].loss, bytes: evaluations[1].loss)
    ]
    for (before, after) in zip(evaluations[0].metrics, evaluations[1].metrics) where before.name != "loss" {
      figures.append(.init(name: before.name, floats: before.value, bytes: after.value))
    }
    let speed = Self.speeds(
      [(plan, self.parameters.view, nil), (rounded, parameters, weights)], loss: configuration.loss,
      on: ready)
    return Quantisation.Comparison(
      data: name, rows: data.count, figures: figures,
      speed: .init(name: "samples/s", floats: speed[0], bytes: speed[1]))
  }

  /// Samples a second of forward passes of each plan, on this thread: medians of turns that they take, about half a second in all.
  static func speeds(
    _ plans: [(plan: Plan, parameters: FloatView, integers: RoundedWeights?)], loss: any Loss,
    on dataset: Dataset
  ) -> [Double] {
    let passes = plans.map { ForwardPass($0.plan, $0.parameters, integers: $0.integers, loss: loss, dataset) }
    var times = plans.map { _ in [Double]() }
    for pass in passes { _ = pass.seconds() }
    let most = max(3, min(41, Int(0.5 / passes.reduce(0) { $0 + $1.seconds() })))
    for _ in 0..<most {
      for (place, pass) in passes.enumerated() { times[place].append(pass.seconds()) }
    }
    return zip(plans, times).map { own, times in Double(own.plan.microBatch) / times.sorted()[times.count / 2] }
  }
}
