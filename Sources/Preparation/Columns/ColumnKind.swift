import Configuration
import Diagnostics
import Tables
import Tensors

/// How a column becomes features: a kind of column, with its settings.
///
/// ```swift
/// columnKinds.add(Angle.self)   // and configurations know `- angle: [Direction]`
/// ```
public protocol ColumnKind: NamedKind, Sendable {
  /// The word for it in a configuration.
  static var kind: String { get }
  /// Reads its settings; `columns` is not among them.
  init(_ settings: ConfigReader) throws

  /// What values are kept as before they become features.
  var storage: ColumnStorage { get }

  /// Whether rows without a value are passed over.
  var requiresValue: Bool { get }

  /// Takes what it needs to know from the training rows: a function of them alone.
  ///
  /// Throws where such a column cannot become features.
  func fitted(on column: TrainingColumn) throws -> FittedColumn

  /// What makes features, of what it was fitted to. Throws bad data where that is none of its own.
  func encoder(_ fitted: FittedColumn) throws -> any ColumnEncoder

  /// What decides its features besides its settings and the rows, such as the digest of a file; nil: nothing does.
  var besides: String? { get throws }

  /// What should be told of what it was fitted to, in words; nil: nothing.
  func note(_ fitted: FittedColumn) -> String?
}

extension ColumnKind {
  public var requiresValue: Bool { false }
  public var besides: String? { get throws { nil } }
  public func note(_ fitted: FittedColumn) -> String? { nil }
}

/// What a column was fitted to: named numbers and words, as a checkpoint keeps them.
public struct FittedColumn: Sendable, Equatable, Codable {
  public var numbers: [String: [Double]]
  public var words: [String: [String]]

  public init(numbers: [String: [Double]] = [:], words: [String: [String]] = [:]) {
    (self.numbers, self.words) = (numbers, words)
  }

  /// The words that are told apart, in an order of their own; empty where the column has none.
  var vocabulary: [String] { words["words"] ?? [] }

  /// The one number of a name; throws bad data where there is none, or it is not finite.
  public func number(_ name: String) throws -> Double {
    guard let found = numbers[name], found.count == 1, found[0].isFinite else {
      throw Failure(
        .badData, "expected a finite number called \(name) in what was fitted", cure: "use another checkpoint")
    }
    return found[0]
  }
}

/// Makes features of a column's values. Letters: R rows, F features of a row, of which W are this column's.
public protocol ColumnEncoder: Sendable {
  /// What its features are called, behind the column's name: `""`, `"=yes"`; W of them.
  var suffixes: [String] { get }

  /// Where W is 1 and the feature a place among rows that a network learns: how many rows, and numbers of each; nil where
  /// features are numbers.
  var embedding: (rows: Int, dimensions: Int)? { get }

  /// Where the W features are tokens of a text, which; nil where they are numbers.
  var tokens: TokenAlphabet? { get }

  /// Overwrites the W features of each row, which lie side by side at `features[r·stride]`.
  func encode(_ values: ColumnValues, into features: UnsafeMutablePointer<Float>, stride: Int)
}

extension ColumnEncoder {
  public var embedding: (rows: Int, dimensions: Int)? { nil }
  public var tokens: TokenAlphabet? { nil }
}

/// Values of a column for some rows.
public struct ColumnValues {
  package let coded: CodedColumn
  /// Where words are kept: those that codes are places of.
  package let words: WordMap

  package init(_ coded: CodedColumn, words: WordMap = WordMap()) { (self.coded, self.words) = (coded, words) }

  public var count: Int { coded.count }

  /// NaN where there is none.
  public var numbers: [Double] { if case .numbers(let values) = coded { values } else { [] } }
  /// Of rows of several numbers that at a place; NaN where there is none.
  public func numbers(at place: Int) -> [Double] {
    if case .vectors(let rows) = coded { rows.column(place) } else { [] }
  }
  /// nil where there is none.
  public var texts: [String?] { if case .texts(let values) = coded { values } else { [] } }
  /// Microseconds since 1970-01-01 00:00 UTC; nil where there is none.
  public func instant(_ row: Int) -> Int64? {
    guard case .instants(let values) = coded, values[row] != CodedColumn.missingInstant else { return nil }
    return values[row]
  }
  /// The place of each row's word in a vocabulary; -1 where there is none, -2 where it is none of it.
  public func places(in vocabulary: [String]) -> [Int32] {
    guard case .codes(let codes) = coded else { return [] }
    let map = words.places(in: vocabulary)
    return codes.map { $0 >= 0 ? map[Int($0)] : $0 }
  }
}

/// The words of a column, and where they stand in the vocabularies that were asked for last.
package final class WordMap {
  private let words: [String]
  /// Two: that of the features, and that of the words whose rows are counted.
  private var known: [(vocabulary: [String], places: [Int32])] = []

  package init(_ words: [String] = []) { self.words = words }

  /// For each word its place in `vocabulary`, or -2.
  func places(in vocabulary: [String]) -> [Int32] {
    // Mostly the same array, which is told without a look at its words.
    if let found = known.first(where: { $0.vocabulary == vocabulary }) { return found.places }
    // By their bytes, as rows that are read later are looked up.
    let codes = Words(vocabulary)
    let map = words.map { codes.code(of: $0) ?? Code.unknown }
    if known.count == 2 { known.removeFirst() }
    known.append((vocabulary, map))
    return map
  }
}

/// The kinds of columns that a configuration can name.
public let columnKinds = Registry<any ColumnKind.Type>(
  [
    NumberColumn.self, CategoryColumn.self, EmbeddingColumn.self, HashedColumn.self, BinaryColumn.self, DateColumn.self,
    SetColumn.self, TextColumn.self, VectorColumn.self, TokensColumn.self,
  ], named: { $0.kind },
  summary: { $0.summary })
