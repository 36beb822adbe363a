import Configuration
import Diagnostics
import Formats
import Tables

/// What is made of a table: `data.table` in a configuration.
public struct TableSettings: Sendable {
  /// A column that becomes features, and how.
  package struct Column: Sendable {
    package let name: String
    package let kind: any ColumnKind
    package let word: String

    package var request: ColumnRequest { ColumnRequest(name, kind.storage) }
  }

  package let source: any TableFormat
  /// The columns that are predicted.
  package let targets: [String]
  /// What each of them is.
  let targetKinds: [TargetKind]
  /// Whether each is compared by a loss of its own, as some may be classes.
  package let predictsSeveral: Bool
  /// Whether they are numbers; else one column of classes, or several of each.
  package let predictsNumbers: Bool
  /// Whether outputs are brought to the units of numbers that are predicted, so that a network gives about mean 0 and
  /// deviation 1.
  package let scalesTargets: Bool
  /// The classes in the order of the outputs; nil: those of the training rows, sorted.
  package let classes: [String]?
  package let columns: [Column]
  /// The column that tells what rows weigh in the loss; nil: 1 each.
  package let weight: String?
  package let split: any Split
  /// How training rows are drawn so that classes have as many; nil: each stands once.
  package let resample: Resampling?
  /// Which rows are used.
  let rows: RowRules
  /// Texts that stand for a missing value.
  package let missing: Set<String>
  /// The share of rows that may be set aside, 0...1.
  package let quarantineAtMost: Double
  /// Columns whose values no two parts are to share, and those by which training rows are to come first: what the leak check
  /// looks at.
  let groupRequests: [ColumnRequest]
  let timeRequests: [ColumnRequest]
  /// What is done about what would make a model look better than it is.
  let leakCheck: LeakCheck.Action
  /// Bytes that the words of all columns, and the terms of each, may take.
  package let memory: Int
  /// Where prepared data are kept.
  package let directory: String
  /// Prepared data that are taken as they are, instead of reading what is raw; nil: none.
  package let prepared: String?
  /// What is wrong with the columns together; thrown as soon as they are read.
  package let conflict: Failure?
  /// All that decides the prepared numbers besides the raw data, as text.
  package private(set) var identity: String
  /// Columns that are kept beside the features, for figures that look at them; mostly none.
  package private(set) var auxiliary: [ColumnRequest] = []

  /// MiB that `memory` may be.
  package static let memories = 1...(1 << 20)

  private enum TargetScaling: String, CaseIterable { case standard, none }

  package static let usualMissing = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", "?"]

  public init(_ settings: ConfigReader) throws {
    source = try settings.choice("source", tableFormatKinds.cases { try $0.init($1) })
    let targets = try settings.names("target")
    settings.note("target", ", or a list of them")
    self.targets = targets
    (targetKinds, predictsSeveral) = try settings.targetKinds("kind", of: targets)
    predictsNumbers = !predictsSeveral && targetKinds[0] == .values
    guard predictsSeveral || predictsNumbers || targets.count == 1 else {
      throw settings.failure(
        at: "target", "expected one column of classes, found \(targets.count)",
        cure: "set kind: values for numbers, or a list of kinds, one a column")
    }
    scalesTargets = try settings.option("target-scale", of: TargetScaling.self, default: .standard) == .standard
    let classes = try settings.strings("classes", default: [])
    guard Set(classes).count == classes.count else {
      throw settings.failure(at: "classes", "expected distinct names", cure: "name each class once")
    }
    guard classes.isEmpty || !predictsSeveral else {
      throw settings.failure(
        at: "classes", "expected none, as several columns are predicted, found some", cure: "leave it out")
    }
    self.classes = classes.isEmpty ? nil : classes
    let defaults = try settings.defaults("defaults", of: columnKinds.cases { try $0.init($1) })
    let kinds: ConfigCases<[Column]> = columnKinds.cases { kind, own in
      if let defaults = defaults[kind.kind] { own.inherit(defaults, first: "columns") }
      let names = try own.names("columns")
      own.note("columns", ", or a list of them")
      let made = try kind.init(own)
      return names.map { Column(name: $0, kind: made, word: kind.kind) }
    }
    let groups = try settings.list("columns", count: 1...) { column in
      try column.refuseLudwigsColumn()
      return try column.choice(kinds)
    }
    columns = groups.flatMap { $0 }
    let names = columns.map(\.name)
    try settings.requireDistinct(names, at: "columns")
    conflict = targets.first(where: names.contains).map { target in
      settings.failure(
        at: "columns", "expected columns to predict from, found \(target), which is predicted", cure: "leave it out")
    }
    split = try settings.choice("split", splitKinds.cases { try $0.init($1) }, default: RandomSplit.kind)
    resample = try settings.optionalOption("resample")
    if predictsNumbers || predictsSeveral, resample != nil {
      let found = predictsSeveral ? "\(targets.count) targets" : "a target of numbers"
      throw settings.failure(
        at: "resample", "expected one target of classes to go by, found \(found)", cure: "leave it out")
    }
    var kept: [String: ColumnStorage] = [:]
    for request in split.columns { kept[request.name] = request.storage }
    for (target, kind) in zip(targets, targetKinds) where kind == .values { kept[target] = .numbers }
    for column in columns { kept[column.name] = column.kind.storage }
    groupRequests = try settings.distinct("groups").map { ColumnRequest($0, .words) }
    timeRequests = try settings.distinct("times").map { name in
      switch kept[name] {
      case .numbers: ColumnRequest(name, .numbers)
      case .instants(let format): ColumnRequest(name, .instants(format))
      default: ColumnRequest(name, .instants(DateFormat()))
      }
    }
    weight = try settings.optionalString("weight")
    settings.note("weight", ", the name of a column that tells what rows weigh in the loss")
    if let weight, targets.contains(weight) {
      throw settings.failure(at: "weight", "expected another column than the target, found \(weight)")
    }
    var rows = try RowRules(settings) { [kept] in kept[$0] }
    if let weight { rows.requireWeight(weight) }
    self.rows = rows
    missing = Set(try settings.strings("missing", default: Self.usualMissing))
    quarantineAtMost = try settings.double("quarantine-at-most", default: 0.01, in: 0...1)
    leakCheck = try settings.option("leak-check", of: LeakCheck.Action.self, default: .warn)
    memory = try settings.int("memory", default: 512, in: Self.memories) << 20
    settings.note("memory", ": MiB for the words of columns")
    directory = try settings.optionalFilePath("keep-under") ?? "prepared"
    prepared = try settings.optionalFilePath("prepared")
    settings.note("prepared", ": prepared data that are taken without the raw ones")
    // Where files lie, and where what is made of them is kept, decides nothing; defaults are told by the columns.
    let format = type(of: source)
    let others =
      ["keep-under", "prepared", "defaults", "leak-check", "memory", "quarantine-at-most"]
      + format.pathSettings.map { "source.\(format.kind).\($0)" }
    identity = settings.settings.filter { setting in
      !others.contains { setting.path == $0 || setting.path.hasPrefix("\($0).") }
    }.map { "\($0.path)=\($0.text)" }.filter { !(RowRules.idle + LeakCheck.idle).contains($0) }.joined(separator: "\n")
  }

  /// The same with columns kept beside the features, each once, in the order of their names; words stand before numbers of the same
  /// name. They decide what is prepared: settings without any are what they were.
  package func keeping(words: [String], numbers: [String]) -> TableSettings {
    let all = Set(words.map { ColumnRequest($0, .words) } + numbers.map { ColumnRequest($0, .numbers) })
    func key(_ request: ColumnRequest) -> String { "\(request.name)\0\(request.storage == .words ? 0 : 1)" }
    var other = self
    other.auxiliary = all.sorted { key($0).utf8.lexicographicallyPrecedes(key($1).utf8) }
    for request in other.auxiliary {
      other.identity += "\nauxiliary.\(request.storage == .words ? "words" : "numbers")=\(request.name)"
    }
    return other
  }

  /// The columns of the targets, as they are kept.
  package var targetRequests: [ColumnRequest] {
    zip(targets, targetKinds).map { ColumnRequest($0, $1 == .values ? .numbers : .words) }
  }

  /// Whether targets are kept as numbers, of classes their places; else as the places of one column's.
  package var keepsNumbers: Bool { predictsNumbers || predictsSeveral }

  package var weightRequest: ColumnRequest? { weight.map { ColumnRequest($0, .numbers) } }

  /// All that is to be collected, each once.
  package var requests: [ColumnRequest] {
    (decisive + auxiliary).reduce(into: []) { all, request in
      if !all.contains(request) { all.append(request) }
    }
  }

  /// What figures look at alone: it decides neither which rows are used nor what is made of them.
  var undecisive: Set<ColumnRequest> { Set(auxiliary).subtracting(decisive) }

  private var decisive: [ColumnRequest] {
    let others = split.columns + groupRequests + timeRequests + [weightRequest].compactMap { $0 }
    return targetRequests + columns.map(\.request) + others
  }
}
