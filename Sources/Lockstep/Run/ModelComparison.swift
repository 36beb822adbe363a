import Datasets
import Diagnostics
import Judging
import Metrics
import Sources

/// Two models beside each other: figures of both on the same rows, and their paired differences with intervals.
public struct ModelComparison: Encodable {
  /// One of the things that both predict.
  public struct Target: Encodable {
    public let name: String?
    /// The class that figures of two classes are about.
    public let positive: String?
    /// Of the first model, beside the second.
    public let judgement: Judgement
    /// What would be said without either, and its figures; nil where that is not known.
    public let baseline: (name: String, judgement: Judgement)?

    private enum Key: String, CodingKey {
      case target, positive, baseline
      case baselineName = "baseline-name"
    }

    public func encode(to encoder: any Encoder) throws {
      try judgement.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encodeIfPresent(name, forKey: .target)
      try container.encodeIfPresent(positive, forKey: .positive)
      try container.encodeIfPresent(baseline?.name, forKey: .baselineName)
      try container.encodeIfPresent(baseline?.judgement.figures.mapValues(\.value), forKey: .baseline)
    }
  }

  /// Their checkpoints.
  public let first: String
  public let second: String
  public let targets: [Target]

  /// Judges both by the test data of each, or by a file with targets, on rank zero; nil on other ranks, which share the work. All ranks
  /// of the first model's world call it, in which the second one was loaded as well.
  ///
  /// Metrics are those of the first model's configuration, and the usual ones. Throws bad data (65) where the rows of the two
  /// differ, and says in what.
  public init?(
    _ first: Model, _ second: Model, data: String? = nil, resamples: Resamples = Resamples(), positive: [String] = []
  ) throws {
    (self.first, self.second) = (first.path, second.path)
    func different(_ what: String) -> Failure {
      Failure(
        .badData, at: second.path, "\(what), unlike \(first.path)",
        cure: "compare models by the same rows: --data FILE, or runs of the same data, split and seed")
    }
    let world = first.world
    let datasets = try world.agree {
      let datasets = try [first, second].map { model in
        try data.map { try model.labelledData($0, labels: nil) } ?? model.testData()
      }
      if data == nil, let difference = try Self.difference(of: [first, second], datasets) {
        throw different(difference)
      }
      return datasets
    }
    try PreparedData.requireSame(datasets, datasets.map(\.checksum), world)
    let judged = try zip([first, second], datasets).map { try $0.judgedRows($1, positive: positive) }
    let found = try world.agree { () -> [Target]? in
      guard world.rank == 0 else { return nil }
      return try Self.targets([first, second], judged.map { $0 ?? [] }, resamples, different)
    }
    guard let found else { return nil }
    targets = found
  }

  /// What is said of each target, on rank zero; throws where the two were judged by other rows.
  private static func targets(
    _ models: [Model], _ sides: [[JudgedSubject]], _ resamples: Resamples, _ different: (String) -> Failure
  ) throws -> [Target] {
    if let place = sides.firstIndex(where: \.isEmpty) {
      throw Failure(
        .usage, at: models[place].path, "expected a model of classes or numbers", cure: "compare others")
    }
    guard sides[0].map(\.name) == sides[1].map(\.name) else {
      let names = sides.map { $0.map { $0.name ?? "a target without a name" }.joined(separator: ", ") }
      throw different("expected to predict \(names[0]), found \(names[1])")
    }
    let team = Model.coreTeam()
    return try zip(sides[0], sides[1]).map { own, its in
      if let difference = own.rows.difference(from: its.rows) { throw different(difference) }
      let metrics = JudgedTarget.metrics(models[0].configuration.metrics, of: own.rows)
      let judgement = Judge(metrics, resamples: resamples, team: team).judge(own.rows, beside: its.rows.about(own.rows))
      let classes = own.rows.classes
      let positive = classes.flatMap { $0.names.count == 2 ? $0.names[$0.positive] : nil }
      let said = own.baseline?.said(of: own.rows).map { Judge(metrics, resamples: Resamples(count: 0)).judge($0) }
      return Target(
        name: own.name, positive: positive, judgement: judgement,
        baseline: said.flatMap { said in own.baseline.map { (name: $0.name, judgement: said) } })
    }
  }

  /// What tells the test rows of two models apart; nil where they are the same, whatever columns each looks at.
  private static func difference(of models: [Model], _ datasets: [Dataset]) throws -> String? {
    if datasets[0].checksum == datasets[1].checksum { return nil }
    // Where a table is divided, that says which rows it has, and which of them are for testing.
    let links = try models.map { try $0.configuration.data.links(seed: $0.configuration.seed) }
    let places = ["raw", "split"].map { name in links.map { $0.first { $0.name == name }?.output } }
    guard let raw = places[0][0], let split = places[1][0] else {
      return "expected the samples of \(datasets[0].source), found others"
    }
    for (name, expected, found) in [("raw data", raw, places[0][1]), ("split", split, places[1][1])]
    where expected != found {
      return "expected rows of the \(name) \(expected), found \(found ?? "none")"
    }
    return nil
  }
}

extension JudgedRows {
  /// The same, about the class that others are about, which are the same rows, with their columns.
  fileprivate func about(_ other: JudgedRows) -> JudgedRows {
    let rows = with(columns: other.columns, training: other.training)
    guard var classes, let positive = other.classes?.positive else { return rows }
    classes.positive = positive
    return rows.saying(.classes(classes))
  }
}
