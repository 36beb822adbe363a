import Diagnostics
import Foundation
import Host
import Tables
import Tensors

/// What was fitted to the training rows of a table: all that is needed to make features of other rows.
///
/// A checkpoint keeps it as JSON, `preparation.json`: the same text gives the same bits.
public struct FittedTable: Sendable, Equatable, Codable {
  /// Of this form; another one is refused.
  package var format = 1
  /// The column's name, and what it was fitted to, in the order of the features.
  package var columns: [NamedColumn]
  /// The classes that are predicted, in the order of the outputs; nil: numbers are.
  package var classes: [String]?
  /// The columns that are predicted.
  package var targets: [String]

  /// What brings outputs to the units of the targets, one a target; nil for classes, and where they are left as they are.
  package var targetScales: [Scale]?

  /// What each of several targets is, in their order, where each is compared by a loss of its own; else nil.
  package var outputs: [Output]?

  /// One of several targets: the classes that it may be, or the units of its numbers.
  package struct Output: Sendable, Equatable, Codable {
    package var classes: [String]?
    package var scale: Scale?
  }

  /// The classes of a target; empty where it is a number.
  func classes(ofTarget number: Int) -> [String] {
    if let classes { return classes }
    return outputs.flatMap { number < $0.count ? $0[number].classes : nil } ?? []
  }

  /// output · scale + offset
  package struct Scale: Sendable, Equatable, Codable {
    package var scale: Double
    package var offset: Double
  }

  package struct NamedColumn: Sendable, Equatable, Codable {
    package var name: String
    /// The word of its kind.
    package var kind: String
    package var fitted: FittedColumn
    /// What rows that are predicted are compared with; nil: they are not.
    package var distribution: Distribution?
  }

  package init(columns: [NamedColumn], classes: [String]?, targets: [String]) {
    (self.columns, self.classes, self.targets) = (columns, classes, targets)
  }

  /// Reads `text`; throws bad data where it is none.
  package init(json: String) throws {
    do {
      self = try JSONDecoder().decode(FittedTable.self, from: Data(json.utf8))
    } catch {
      throw Failure(
        .badData, "expected what was fitted to a table's columns, found other JSON", cure: "use another checkpoint")
    }
    guard format == 1 else {
      throw Failure(.badData, "expected format 1 of a preparation, found \(format)", cure: "use a newer Lockstep")
    }
  }

  /// With sorted keys and the shortest digits that give the same numbers.
  package var json: String {
    // Numbers were checked to be finite, and names are text.
    try! sortedJSON(self)
  }

  /// Fits the columns to the rows of a divided table that are for training; the cores of `team` share them, those of texts,
  /// each of which may need as much memory for its terms as the table has, come one after the other.
  package init(fitting settings: TableSettings, to rows: TrainingRows, by team: CoreTeam) throws {
    func fitted(_ column: TableSettings.Column) throws -> NamedColumn {
      let fitted = try column.kind.fitted(on: TrainingColumn(column.request, of: rows))
      guard fitted.numbers.values.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
        let own = TrainingColumn(column.request, of: rows)
        throw own.failure(
          "expected numbers of an ordinary size, found \(shortest(own.largest)), too large to be scaled",
          cure: "correct it, set a range for the column (rows: {ranges: …}), or clip its quantiles (clip)")
      }
      return NamedColumn(
        name: column.name, kind: column.word, fitted: fitted,
        distribution: Distribution(TrainingColumn(column.request, of: rows), column.kind.storage))
    }
    let all = settings.columns
    let (texts, others) = (
      all.indices.filter { all[$0].kind.storage == .texts }, all.indices.filter { all[$0].kind.storage != .texts }
    )
    let made = try team.map(others.count) { try fitted(all[others[$0]]) } + texts.map { try fitted(all[$0]) }
    columns = zip(others + texts, made).sorted { $0.0 < $1.0 }.map(\.1)
    targets = settings.targets
    guard !settings.predictsSeveral else {
      classes = nil
      outputs = try settings.targetRequests.map { request in
        let target = TrainingColumn(request, of: rows)
        if request.storage == .words { return Output(classes: try Self.classes(target, among: nil)) }
        return Output(scale: settings.scalesTargets ? Self.scale(target) : Scale(scale: 1, offset: 0))
      }
      return
    }
    guard !settings.predictsNumbers else {
      classes = nil
      targetScales =
        settings.scalesTargets ? settings.targetRequests.map { Self.scale(TrainingColumn($0, of: rows)) } : nil
      return
    }
    classes = try Self.classes(TrainingColumn(settings.targetRequests[0], of: rows), among: settings.classes)
  }

  /// The classes of a target, those that are named or those of its training rows.
  private static func classes(_ target: TrainingColumn, among named: [String]?) throws -> [String] {
    let found = target.words.map(\.word)
    try target.requireOneSpelling(found)
    if let named, let other = found.first(where: { !named.contains($0) }) {
      throw target.failure(
        "expected one of \(named.count) classes, found '\(other)'",
        cure: nearest(to: other, among: named).map { "did you mean '\($0)'?" } ?? "add it to the classes")
    }
    guard found.count > 1 else {
      throw target.failure(
        "expected several classes in training rows, found \(found.first.map { "'\($0)' alone" } ?? "none")",
        cure: "check which column is the target")
    }
    return named ?? found
  }

  /// Deviation and mean of a target's training rows.
  private static func scale(_ target: TrainingColumn) -> Scale {
    let (mean, deviation) = Statistics.moments(target.numbers)
    return Scale(scale: deviation > 0 ? deviation : 1, offset: mean)
  }

  /// What makes features, a column after the other.
  package func encoders(_ settings: TableSettings) throws -> [any ColumnEncoder] {
    let names = settings.columns.map(\.name)
    guard columns.map(\.name) == names, columns.map(\.kind) == settings.columns.map(\.word) else {
      throw Failure(
        .badData, "expected what was fitted to the columns \(names.joined(separator: ", ")), found that of others",
        cure: "use another checkpoint")
    }
    return try zip(settings.columns, columns).map { try $0.kind.encoder($1.fitted) }
  }
}
