import Configuration
import Diagnostics
import Files
import Host
import Tensors

/// How rows are divided into those that a model is trained on, those that its training is watched by, and those that it is
/// measured on: a kind of split, with its settings.
///
/// ```swift
/// splitKinds.add(ByRegion.self)   // and configurations know `split: by-region`
/// ```
public protocol Split: NamedKind, Sendable {
  /// The word for it in a configuration.
  static var kind: String { get }
  /// Reads its settings.
  init(_ settings: ConfigReader) throws

  /// The columns that it looks at.
  var columns: [ColumnRequest] { get }

  /// What it reads off the name of a source; nil: nothing.
  func told(by source: String) -> String?

  /// The part of each row: a function of the table and the seed alone.
  func parts(of table: SplitTable, seed: UInt64) throws -> [Part]
}

extension Split {
  public var columns: [ColumnRequest] { [] }
  public func told(by source: String) -> String? { nil }
}

/// What rows are for.
public enum Part: UInt8, Sendable, CaseIterable {
  /// The model is fitted to them, and so is every transform.
  case train
  /// Training is watched by them.
  case validation
  /// It is measured on them, once.
  case test
}

/// What a split sees of a table.
public struct SplitTable: Sendable {
  package let table: CollectedTable
  /// The columns that are predicted, the first of which a stratified split goes by.
  package let targets: [ColumnRequest]
  /// The cores that may share the work.
  package let team: CoreTeam

  /// How many rows.
  public var count: Int { table.count }
}

/// The splits that a configuration can name.
public let splitKinds = Registry<any Split.Type>(
  [RandomSplit.self, StratifiedSplit.self, HashSplit.self, TimeSplit.self, FixedSplit.self, FileSplit.self],
  named: { $0.kind }, summary: { $0.summary })

/// The shares of rows that are for validation and for testing; all others are for training.
struct Shares: Sendable {
  let validation: Double
  let test: Double

  init(_ settings: ConfigReader) throws {
    test = try settings.double("test", default: 0.2, in: 0..<1)
    validation = try settings.double("validation", default: 0, in: 0..<1)
    guard test + validation < 1 else {
      throw settings.failure(
        at: "validation", "expected shares of validation and test below 1 together, found \(validation + test)",
        cure: "leave rows for training")
    }
  }

  /// How many of `count` rows are for validation, and for testing.
  func counts(of count: Int) -> (validation: Int, test: Int) {
    let test = Int((self.test * Double(count)).rounded())
    return (min(count - test, Int((validation * Double(count)).rounded())), test)
  }
}
