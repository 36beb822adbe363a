import Diagnostics
import Files
import Formats
import Host
import Tables

/// Rows of a table that is not the one a preparation was fitted to, made features in the same way, some at a time.
package final class RawRows {
  /// Some rows. Letters: S of them that can be used, F features, W targets.
  package struct Batch {
    /// All rows, S and those with a problem.
    package var count = 0
    /// S×F, row-major.
    package var features: [Float] = []
    /// S classes, where they are asked for and predicted.
    package var classes: [Int32] = []
    /// S×W, where they are asked for and predicted.
    package var values: [Float] = []
    /// What S rows weigh in the loss, where targets are asked for and rows have weights.
    package var weights: [Float] = []
    /// Of S rows the columns that figures look at, where targets are asked for.
    package var auxiliary: [CodedColumn] = []
    /// By row: why it cannot be used.
    package var problems: [Int: String] = [:]
    /// What the columns that are kept hold, a text for each row.
    package var kept: [[String?]] = []
  }

  package let maker: FeatureMaker
  /// Of all rows so far.
  package private(set) var aside = SetAside()
  private let reader: any TableReader
  private let file: String
  private let settings: TableSettings
  private let preparation: FittedTable
  private let coders: [ColumnCoder]
  private let places: [Int]
  private let targets: [ColumnCoder]
  private let targetPlaces: [Int]
  private let weight: (coder: ColumnCoder, place: Int)?
  private let others: [ColumnCoder]
  private let otherPlaces: [Int]
  private let keptPlaces: [Int]
  private let checker: RowChecker
  /// Why rows are left out that the filter does not hold for.
  private let leftOut: String
  /// nil: the column is compared with nothing.
  private var drifts: [DriftTally?]
  private let team: CoreTeam

  /// What was counted of the rows so far, to compare them with those of training: these add up over parts of the rows.
  package var counts: [Int] { drifts.flatMap { $0?.tally ?? [] } }

  /// How rows of which so much was counted differ from those of training, a line a column.
  package func findings(of counts: [Int]) -> [String] {
    var rest = counts[...]
    return drifts.compactMap { drift in
      guard let drift, case let own = rest.prefix(drift.tally.count) else { return nil }
      rest = rest.dropFirst(own.count)
      return drift.finding(of: own)
    }
  }

  /// Opens a file in the form of the settings' source; what the columns `kept` hold is given beside the rows. The cores that this
  /// thread may run on share the columns.
  package init(
    _ file: String, _ settings: TableSettings, _ preparation: FittedTable, withTargets: Bool,
    keeping kept: [String] = []
  ) throws {
    (self.file, self.settings, self.preparation) = (file, settings, preparation)
    team = CoreTeam(cores: ProcessorCores.allowed(to: 0) ?? [0])
    maker = try FeatureMaker(preparation, settings)
    let requests = settings.columns.map(\.request)
    let targetRequests = withTargets ? settings.targetRequests : []
    let source = try Self.format(of: file, settings.source)
    // What is no file is opened once, and all its columns are there to be told of.
    let isStream = file == standardStream
    let place = isStream ? standardInput : file
    let rules =
      withTargets ? settings.rows : settings.rows.without(settings.targets + [settings.weight].compactMap { $0 })
    let auxiliary = withTargets ? settings.auxiliary : []
    let wanted = (requests + targetRequests + auxiliary).map(\.name) + rules.columns + kept
    let reader = try source.open(file, columns: isStream ? nil : Set(wanted))
    func names() throws -> [String] {
      try isStream ? reader.fields.map(\.name) : source.columnNames(of: file)
    }
    self.reader = reader
    places = try Collector.places(of: requests, in: reader.fields, of: place, all: names)
    targetPlaces = try Collector.places(of: targetRequests, in: reader.fields, of: place, all: names)
    // The rules look at it, and it is read.
    weight = (withTargets ? settings.weightRequest : nil).flatMap { request in
      reader.fields.firstIndex { $0.name == request.name }.map {
        (ColumnCoder(request.name, request.storage, missing: settings.missing), $0)
      }
    }
    others = auxiliary.map { request in
      let coder = ColumnCoder(request.name, request.storage, missing: settings.missing)
      coder.forgives = true
      return coder
    }
    otherPlaces = try Collector.places(of: auxiliary, in: reader.fields, of: place, all: names)
    keptPlaces = try Collector.places(
      of: kept.map { ColumnRequest($0, .words) }, in: reader.fields, of: place, all: names)
    checker = try RowChecker(rules, in: reader.fields, of: place, missing: settings.missing, all: names)
    leftOut = "left out by the filter \(rules.filter?.text ?? "")"
    if rules.filter != nil { aside.filtered = 0 }
    coders = zip(requests, preparation.columns).map { request, column in
      // Words that are too seldom for features are no news all the same.
      let fitted = column.fitted.vocabulary
      let known = Set(fitted)
      let others = (column.distribution?.words ?? []).filter { !known.contains($0) }
      return ColumnCoder(
        request.name, request.storage, missing: settings.missing, vocabulary: fitted + others,
        width: column.fitted.numbers["width"]?.first.map { Int($0) } ?? 0)
    }
    drifts = preparation.columns.map { column in column.distribution.map { DriftTally(column.name, $0) } }
    targets = targetRequests.enumerated().map { number, request in
      ColumnCoder(
        request.name, request.storage, missing: settings.missing, vocabulary: preparation.classes(ofTarget: number))
    }
  }

  /// Whether a file is the same to all who read it: no rows of a database, which others may write meanwhile.
  package static func areSteady(_ file: String, _ settings: TableSettings) -> Bool {
    (try? format(of: file, settings.source)).map { type(of: $0).identity == .bytes } ?? true
  }

  /// The names of a file's columns, in the form that it is read in.
  package static func columnNames(of file: String, _ settings: TableSettings) throws -> [String] {
    try format(of: file, settings.source).columnNames(of: file)
  }

  /// The form of the settings' source, or that of the file's name, where it tells another: what was trained from a database may
  /// be asked about a CSV file. This process's input is CSV.
  private static func format(of file: String, _ source: any TableFormat) throws -> any TableFormat {
    if file == standardStream {
      return try type(of: source).readsStreams ? source.reading(file) : CSVFormat(stream: file)
    }
    let name = file.lowercased()
    guard !source.takes(name), let named = tableFormatKinds.all.first(where: { $0.reads(name) }) else {
      return try source.reading(file)
    }
    return try named.init(file: file)
  }

  /// The words so far of each column that figures look at; empty for numbers.
  package var auxiliaryWords: [[String]] { others.map { $0.storage == .words ? $0.words.all : [] } }

  /// The next rows, `most` at most; nil where there are no more.
  package func next(most: Int) throws -> Batch? {
    var batch = Batch()
    batch.kept = [[String?]](repeating: [], count: keptPlaces.count)
    while batch.count < most, let chunk = try reader.next(most: min(Collector.chunk, most - batch.count)) {
      // Room for all of them at once, where that is not much.
      if batch.count == 0 { batch.features.reserveCapacity(min(most * maker.width, 1 << 22)) }
      try add(chunk, to: &batch)
    }
    return batch.count > 0 ? batch : nil
  }

  /// Passes over the rows that `next` would give, without a look at them; returns how many, 0 where there are no more.
  package func skip(most: Int) throws -> Int {
    var passed = 0
    while passed < most, let chunk = try reader.next(most: min(Collector.chunk, most - passed)) {
      passed += chunk.count
    }
    return passed
  }

  private func add(_ chunk: TableChunk, to batch: inout Batch) throws {
    var faults = RowFaults(chunk.faults)
    let isLeftOut = try checker.leftOut(chunk, &faults)
    let coded = try chunk.coded(by: coders, at: places, team, &faults)
    var weights = try weight.map { try $0.coder.code(chunk.columns[$0.place], &faults) }
    var coveted = try zip(targets, targetPlaces).map { try $0.code(chunk.columns[$1], &faults) }
    var besides = try zip(others, otherPlaces).map { try $0.code(chunk.columns[$1], &faults) }
    for (column, values) in zip(settings.columns, coded) where column.kind.requiresValue {
      for row in 0..<chunk.count where values.isMissing(row) {
        faults.add(row, column.name, "expected a value, found none")
      }
    }
    for (coder, values) in zip(targets, coveted) {
      for row in 0..<chunk.count where values.isMissing(row) {
        faults.add(row, coder.name, "expected a target, found none")
      }
      guard case .codes(let codes) = values else { continue }
      for row in codes.indices where codes[row] == Code.unknown {
        faults.add(row, coder.name, "expected a class of the training rows, found another one")
      }
    }
    for (column, place) in keptPlaces.enumerated() {
      let (cells, isMissing) = (chunk.columns[place].texts, chunk.columns[place].isMissing)
      batch.kept[column] += (0..<chunk.count).map { isMissing.isEmpty || !isMissing[$0] ? cells[$0] : nil }
    }
    faults.endIgnoring(leftOut)
    let rows = try make(coded, of: chunk.count, into: &batch.features, &faults)
    if !faults.reasons.isEmpty {
      coveted = coveted.map { $0.filtered(rows) }
      weights = weights?.filtered(rows)
      besides = besides.map { $0.filtered(rows) }
    }
    batch.auxiliary =
      batch.auxiliary.isEmpty ? besides : zip(batch.auxiliary, besides).map { $0.appending($1) }
    if case .numbers(let numbers)? = weights { batch.weights += numbers.map { Float($0) } }
    aside.read += chunk.count
    let out = isLeftOut.count { $0 }
    aside.faulty += faults.reasons.count - out
    if out > 0 { aside.filtered! += out }
    for (row, fault) in faults.reasons {
      batch.problems[batch.count + row] = (fault.column.map { "column '\($0)': " } ?? "") + fault.reason
    }
    let bad = faults.reasons.filter { isLeftOut.isEmpty || !isLeftOut[$0.key] }
    if let first = bad.min(by: { $0.key < $1.key }), aside.examples.isEmpty {
      aside.examples = [Quarantine.text(first.value, at: chunk.places)]
    }
    batch.count += chunk.count
    if !settings.predictsSeveral, case .codes(let codes)? = coveted.first {
      batch.classes += codes
    } else if !coveted.isEmpty {
      let numbers: [[Float]] = coveted.map { target in
        switch target {
        case .numbers(let numbers): numbers.map { Float($0) }
        // Places in the vocabulary, which are the classes.
        case .codes(let codes): codes.map { Float($0) }
        case .texts, .instants, .vectors: []
        }
      }
      batch.values += numbers[0].indices.flatMap { row in numbers.map { $0[row] } }
    }
  }

  /// Appends the features of the rows without a fault, and returns which these are; a feature that is not finite is a fault of
  /// its row.
  private func make(
    _ coded: [CodedColumn], of count: Int, into features: inout [Float], _ faults: inout RowFaults
  ) throws -> [Bool] {
    let (start, width) = (features.count, maker.width)
    while true {
      var keeps = [Bool](repeating: true, count: count)
      for row in faults.reasons.keys { keeps[row] = false }
      let kept = faults.reasons.isEmpty ? coded : coded.map { $0.filtered(keeps) }
      let columns = zip(coders, kept).map { ColumnValues($1, words: $0.map) }
      let rows = keeps.indices.filter { keeps[$0] }
      features.append(contentsOf: repeatElement(0, count: rows.count * width))
      let areFinite = try features.withUnsafeMutableBufferPointer { all in
        let own = UnsafeMutableBufferPointer(rebasing: all[start...])
        _ = try team.map(columns.count) { maker.make($0, columns[$0], into: own) }
        return maker.firstInfinite(UnsafeBufferPointer(own)) == nil
      }
      if areFinite {
        try drifts.withUnsafeMutableBufferPointer { drifts in
          _ = try team.map(columns.count) { drifts[$0]?.add(columns[$0]) }
        }
        return keeps
      }
      for (place, row) in rows.enumerated() {
        let own = features[start + place * width..<start + (place + 1) * width]
        guard let bad = own.firstIndex(where: { !$0.isFinite }) else { continue }
        let name = maker.names[bad - own.startIndex]
        faults.add(row, nil, "feature '\(name)': expected a number that single precision holds, found a larger one")
      }
      features.removeLast(features.count - start)
    }
  }
}
