import Configuration
import Diagnostics
// A writer of one's own is given an `OutputFile`.
@_exported import class Files.OutputFile
import Tensors

/// How predictions are written: a kind of writer, chosen by the ending of the file's name.
///
/// ```swift
/// writerKinds.add(JSONLines.self)   // and `lockstep predict` writes to names that end with its kind
/// ```
public protocol PredictionWriter: NamedKind, SendableMetatype {
  /// The ending that names it, without a point: `csv`.
  static var kind: String { get }
  /// Begins the file, of predictions of that form.
  init(_ form: PredictionForm, into file: OutputFile) throws
  /// Writes samples, behind those before.
  mutating func write(_ predictions: Predictions) throws
  /// Ends the file's content; the file itself is finished by whoever made it.
  mutating func finish() throws

  /// What makes the bytes of rows that `write` would write, wherever they stand; nil where they depend on the rows before them.
  static func lines(_ form: PredictionForm) -> (any PredictionLines)?
}

extension PredictionWriter {
  public func finish() throws {}
  public static func lines(_ form: PredictionForm) -> (any PredictionLines)? { nil }
}

/// What is known of each sample's prediction before the first is written.
public struct PredictionForm: Sendable, Equatable {
  /// The names of the classes one of which is predicted; nil where numbers alone are.
  public let classes: [String]?
  /// The names of the numbers, W of them.
  public let numbers: [String]
  /// Digits behind the point; nil: as many as tell a number from its neighbours.
  public let decimals: Int?
  /// Whether rows may have a problem, which is then told in their place.
  public let tellsProblems: Bool
  /// The columns of the input that stand in front of the predictions.
  public let kept: [String]

  /// The form of predictions that a test of a writer makes up.
  public init(
    classes: [String]? = nil, numbers: [String], decimals: Int? = nil, tellsProblems: Bool = false, kept: [String] = []
  ) {
    (self.classes, self.numbers, self.decimals) = (classes, numbers, decimals)
    (self.tellsProblems, self.kept) = (tellsProblems, kept)
  }
}

/// The predictions for some rows. Letters: R rows, S samples, one for each row without a problem, W numbers of a sample.
public struct Predictions {
  /// S×W: probabilities, or the predicted numbers; empty where classes alone are written.
  public let numbers: FloatView
  /// The place of the predicted class of each sample; empty where numbers alone are predicted.
  public let classes: [Int]
  /// How many samples these are, S.
  public let count: Int
  /// By row, in 0..<R: why there is no prediction. R is S and the number of problems together.
  public let problems: [Int: String]
  /// What the columns that are kept hold, a text for each row, nil where there is nothing.
  public let kept: [[String?]]

  /// `count` samples: `count`×W numbers, and the places of the predicted classes, one a sample, or none.
  public init(
    numbers: FloatView, classes: [Int] = [], count: Int, problems: [Int: String] = [:], kept: [[String?]] = []
  ) {
    (self.numbers, self.classes, self.count, self.problems, self.kept) = (numbers, classes, count, problems, kept)
  }

  /// In the order of the rows: the place of a row's sample, or its problem.
  public var rows: [(sample: Int?, problem: String)] {
    var sample = 0
    return (0..<count + problems.count).map { row in
      if let problem = problems[row] { return (nil, problem) }
      sample += 1
      return (sample - 1, "")
    }
  }
}

/// The writers, by the endings of names.
public let writerKinds = Registry<any PredictionWriter.Type>(
  [CSVWriter.self, JSONLinesWriter.self, ParquetPredictionWriter.self, NpyWriter.self], named: { $0.kind },
  summary: { $0.summary })

/// The writer of a file with this name. A name without an ending, as of a pipe, gets CSV.
///
/// Throws a usage error (64) for an ending that no writer has.
public func predictionWriter(for path: String) throws -> any PredictionWriter.Type {
  let name = path.split(separator: "/").last.map(String.init) ?? path
  guard let point = name.lastIndex(of: "."), point > name.startIndex else { return CSVWriter.self }
  let (ending, kinds) = (name[name.index(after: point)...].lowercased(), writerKinds.all)
  if let kind = kinds.first(where: { $0.kind == ending }) { return kind }
  let stem = name[..<point]
  let isNamed = writerKinds.names.contains { stem.lowercased().hasSuffix(".\($0)") }
  throw Failure(
    .usage, at: path,
    "expected a name that ends with \(writerKinds.names.map { ".\($0)" }.joined(separator: ", ")), found .\(ending)",
    cure: "the ending chooses the format: name it \(stem)\(isNamed ? "" : ".csv")")
}
