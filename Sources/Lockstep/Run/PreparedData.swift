import Augmentations
import Communication
import Datasets
import Diagnostics
import Layers
import Sources
import Tensors
import Training
import Transforms

/// The data of a run, with the network bound to them: read, transformed, and fitting together.
package struct PreparedData {
  /// Gathered through the transforms that were fitted on it.
  package let train: Dataset
  /// What training is watched by, gathered through the same; nil where there are none.
  package let test: Dataset?
  /// The test data, where training is watched by validation data; measured once, at the end.
  package let held: Dataset?
  /// Whether training is watched by validation data.
  let isWatchedByValidation: Bool
  package let plan: Plan
  /// What changes training samples at random; nil: nothing does.
  package let augmenter: Augmenter?
  /// That of the run, with a loss for what these data have as targets.
  package let configuration: RunConfiguration

  /// Reads the data, and checks that data, model and loss fit together.
  package init(_ configuration: RunConfiguration) throws {
    let train = try Self.readTrain(configuration)
    let (test, held, isValidation) = try Self.readTest(configuration, like: train)
    try self.init(fitting: configuration, train, test, held: held, isWatchedByValidation: isValidation)
  }

  /// The same on all ranks, and refuses data that are not the same on all of them before anything is said of what is in
  /// them: which of two files is at fault, and in which line, depends on both being the ones that are meant.
  init(_ configuration: RunConfiguration, in world: any Communicator) throws {
    try configuration.prepareData(in: world)
    let train = try world.agree { try Self.readTrain(configuration) }
    try Self.requireSame([train], [train.checksum], world)
    let (test, held, isValidation) = try world.agree { try Self.readTest(configuration, like: train) }
    try Self.requireSame([test, held], [test?.checksum ?? 0, held?.checksum ?? 0], world)
    self = try world.agree {
      let fitted = try Self(
        fitting: configuration, train, test, held: held, isWatchedByValidation: isValidation)
      let copies = MemoryNeed.copies(configuration, of: fitted.plan.layout, world)
      try MemoryNeed.require(for: fitted.plan, ranks: world.hostSize, copies: copies)
      return fitted
    }
  }

  /// What the run measures itself on last, and what that is called; nil where there is nothing.
  var measuredLast: (name: String, data: Dataset)? {
    held.map { ("test", $0) } ?? test.map { (isWatchedByValidation ? "validation" : "test", $0) }
  }

  /// As it is in the files.
  package static func readTrain(_ configuration: RunConfiguration) throws -> Dataset {
    OutOfMemory.note("reading the training data")
    try configuration.requireRecipeTable()
    guard let train = try configuration.data.read(.train, seed: configuration.seed, like: nil) else {
      throw Failure(.badConfiguration, at: "data", "the source has no training data", cure: "name another one")
    }
    return configuration.transforms.readsWideColumns ? train : train.withoutWideColumns()
  }

  /// With the classes, features and targets of the training data: what training is watched by, and the test data where
  /// those are others.
  package static func readTest(
    _ configuration: RunConfiguration, like train: Dataset
  ) throws -> (watched: Dataset?, held: Dataset?, isValidation: Bool) {
    OutOfMemory.note("reading the test data")
    let (data, seed, schema) = (configuration.data, configuration.seed, train.schema)
    let test = try data.read(.test, seed: seed, like: schema)
    guard let validation = try data.readValidation(seed: seed, like: schema) else {
      return (test, nil, false)
    }
    return (validation, test, true)
  }

  /// Checks that data, model and loss fit together, and fits the transforms, which data are then gathered through.
  package init(
    fitting configuration: RunConfiguration, _ train: Dataset, _ test: Dataset?, held: Dataset? = nil,
    isWatchedByValidation: Bool = false
  ) throws {
    self.isWatchedByValidation = isWatchedByValidation
    OutOfMemory.note("making the model")
    let configuration = try configuration.bound(to: train.ends)
    self.configuration = configuration
    if let embedded = train.ends.embeddings.first {
      try requireNone(configuration.transforms, "column '\(embedded.name)' gives places of words")
    }
    plan = try configuration.learningNetwork(input: train.shape, train.schema).plan(
      microBatch: configuration.microBatch, precision: configuration.precision,
      outputsAtATime: configuration.teacher == nil ? configuration.outputsAtATime : nil)
    if let conflict = plan.orderConflict { throw conflict }
    try checkLogits(of: plan.network, configuration.loss)
    try plan.checkRealTargets(configuration.loss)
    let outputs = plan.outputShape
    for dataset in [train, test, held].compactMap({ $0 }) {
      guard dataset.shape == train.shape else {
        throw Failure(
          .badData, at: dataset.source,
          "expected samples of shape \(train.shape) as in training, found \(dataset.shape)",
          cure: "use test data of the same form")
      }
      try checkTokens(of: dataset, plan, configuration.transforms)
      try checkTargets(of: dataset, outputs: outputs, loss: configuration.loss)
      try checkMetrics(configuration.metrics, loss: configuration.loss, on: dataset)
    }
    // Last: one whose outputs fit no targets has another fault.
    if configuration.data is TextSource { try checkNextTokens(plan.network) }
    try configuration.requireForecastable(train)
    if train.isText { try requireNone(configuration.transforms, "the data are tokens") }
    augmenter = try configuration.augmenter(for: train)
    let transforms = try configuration.transforms.fitted(on: train)
    self.train = try train.transformed(by: transforms)
    self.test = try test?.transformed(by: transforms)
    self.held = try held?.transformed(by: transforms)
    try configuration.decide?.requireFit(
      to: configuration.loss, columns: outputs.count, train: self.train,
      validation: isWatchedByValidation ? self.test : nil)
  }

  /// Refuses data that are not the same on all ranks, as where a host has another version of a file: with another number
  /// of samples ranks would wait for each other for ever, with other numbers a run would mean nothing.
  ///
  /// Every rank passes as many, and their checksums; nil and 0 stand for data that there are none of. All ranks call it.
  static func requireSame(_ datasets: [Dataset?], _ checksums: [UInt64], _ world: any Communicator) throws {
    let checksums = try world.allGather(checksums)
    try world.agree {
      let differs = datasets.indices.first { checksums[world.rank][$0] != checksums[0][$0] }
      guard let differs else { return }
      let data = datasets[differs].map { "\(grouped($0.count)) samples of \($0.shape)" } ?? "none"
      throw Failure(
        .badData, at: datasets[differs]?.source, "expected the same data as rank 0 has, found other (\(data))",
        cure: "give every host the same files")
    }
  }
}
