import Diagnostics
import Files
import Foundation
import Tables
import Tensors

/// What a table became: the features and targets of each part's rows, in files that are mapped into memory.
package final class PreparedTable: Sendable {
  /// Of one part. Letters: N rows, F features, W targets.
  package struct Rows: Sendable {
    /// N×F, row-major.
    package let features: MappedArray<Float>
    package let targets: Targets
    /// What N rows weigh in the loss; nil: 1 each.
    package let weights: MappedArray<Float>?
    /// N values each of the columns that figures look at.
    package let auxiliary: [Auxiliary]
    package let count: Int
  }

  /// What is predicted.
  package enum Targets: Sendable {
    /// N places in the preparation's classes.
    case classes(MappedArray<Int32>)
    /// N×W, row-major.
    case values(MappedArray<Float>)
  }

  /// A column that figures look at.
  package enum Auxiliary: Sendable {
    /// Places in a list of words; below 0 where there is none.
    case words(MappedArray<Int32>, [String])
    /// NaN where there is none.
    case numbers(MappedArray<Float>)

    var count: Int {
      switch self {
      case .words(let codes, _): codes.count
      case .numbers(let numbers): numbers.count
      }
    }
  }

  /// Digests and counts, as `prepared.json` has them.
  package struct Summary: Sendable, Equatable, Codable {
    package var format = 1
    /// Of the bytes of all sources.
    package var raw: String
    /// Of the settings that decide how they are read.
    package var schema: String
    /// Of each row's part.
    package var split: String
    /// Of what was fitted.
    package var transform: String
    /// Of all features and targets, and of weights and other columns that are kept, where there are some.
    package var prepared: String
    /// Rows of each part, those that stand several times so often.
    package var rows: [String: Int]
    /// Training rows before some of them were left out or repeated; nil: none was.
    package var drawnFrom: Int?
    package var aside: SetAside
    /// What would make a model look better than it is, a line each.
    package var leaks: [String]
    /// Name, without its folder, and digest of each source.
    package var sources: [String]
  }

  package let directory: String
  package let preparation: FittedTable
  /// The same as a checkpoint keeps it.
  package let preparationText: String
  package let summary: Summary
  package let featureNames: [String]
  private let parts: [Part: Rows]

  /// The rows of a part; nil where there are none.
  package subscript(part: Part) -> Rows? { parts[part] }

  /// Opens what was kept in a directory; throws bad data where it is not whole.
  ///
  /// - Parameter isNew: whether this process has just made it, so that its digests need not be taken again.
  package init(_ directory: String, _ settings: TableSettings, isNew: Bool = false) throws {
    self.directory = directory
    let names = FileNames(directory)
    let words: AuxiliaryWords?
    do {
      summary = try JSONDecoder().decode(Summary.self, from: Data(contentsOf: URL(fileURLWithPath: names.summary)))
      preparationText = try String(contentsOfFile: names.preparation, encoding: .utf8)
      preparation = try FittedTable(json: preparationText)
      words = settings.auxiliary.isEmpty ? nil : try AuxiliaryWords(names.auxiliaryWords)
    } catch {
      for path in [names.summary, names.preparation] where access(path, R_OK) != 0 && errno == EACCES {
        throw Failure.system(
          "open", path, errno: EACCES, reading: true, cure: "ask who prepared it for the right to read it")
      }
      throw Failure(.badData, at: directory, "expected prepared data, found a damaged folder", cure: "delete it")
    }
    func damaged() -> Failure {
      Failure(.badData, at: directory, "expected what was prepared, found it changed", cure: "delete the folder")
    }
    guard Digest(of: preparationText).description == summary.transform else { throw damaged() }
    let maker = try FeatureMaker(preparation, settings)
    featureNames = maker.names
    var parts: [Part: Rows] = [:]
    var digests: [Digest] = []
    for part in Part.allCases {
      if !isNew {
        digests.append(try Self.digest(Float.self, names.features(part)))
        digests.append(
          try settings.keepsNumbers
            ? Self.digest(Float.self, names.targets(part)) : Self.digest(Int32.self, names.targets(part)))
        if settings.weight != nil { digests.append(try Self.digest(Float.self, names.weights(part))) }
        for (place, request) in settings.auxiliary.enumerated() {
          let path = names.auxiliary(part, place)
          digests.append(try request.storage == .words ? Self.digest(Int32.self, path) : Self.digest(Float.self, path))
        }
      }
      guard let count = summary.rows["\(part)"], count > 0 else { continue }
      let features = try MappedArray<Float>(names.features(part))
      let targets: Targets =
        settings.keepsNumbers
        ? .values(try MappedArray(names.targets(part))) : .classes(try MappedArray(names.targets(part)))
      let found =
        switch targets {
        case .classes(let classes): classes.count
        case .values(let values): values.count / settings.targets.count
        }
      let weights = try settings.weight.map { _ in try MappedArray<Float>(names.weights(part)) }
      let auxiliary = try settings.auxiliary.enumerated().map { place, request -> Auxiliary in
        let path = names.auxiliary(part, place)
        guard request.storage == .words else { return .numbers(try MappedArray(path)) }
        return .words(try MappedArray(path), words?.columns[place] ?? [])
      }
      // A count that is found to be true is no number too large to multiply.
      guard found == count, features.count == count * maker.width, weights?.count ?? count == count,
        auxiliary.allSatisfy({ $0.count == count })
      else {
        throw Failure(.badData, at: directory, "expected \(count) rows of \(part), found others", cure: "delete it")
      }
      parts[part] = Rows(
        features: features, targets: targets, weights: weights, auxiliary: auxiliary, count: count)
    }
    if !isNew, let words { digests.append(try words.digest) }
    guard isNew || PartWriter.digest(of: digests).description == summary.prepared else { throw damaged() }
    self.parts = parts
  }

  /// What is told of what lies in a directory; nil where that is nothing prepared.
  static func summary(of directory: String) -> Summary? {
    let text = try? Data(contentsOf: URL(fileURLWithPath: FileNames(directory).summary))
    return text.flatMap { try? JSONDecoder().decode(Summary.self, from: $0) }
  }

  private static func digest<Element: ArrayElement>(_: Element.Type, _ path: String) throws -> Digest {
    let hash = StreamingDigest()
    try MappedArray<Element>(path).forEachBlock { _, block in hash.update(UnsafeRawBufferPointer(block)) }
    return hash.finish()
  }

  /// The files of a directory.
  struct FileNames {
    let directory: String
    init(_ directory: String) { self.directory = directory }

    var summary: String { "\(directory)/prepared.json" }
    var preparation: String { "\(directory)/preparation.json" }
    var quarantine: String { "\(directory)/quarantine.csv" }
    func features(_ part: Part) -> String { "\(directory)/\(part).features.npy" }
    func targets(_ part: Part) -> String { "\(directory)/\(part).targets.npy" }
    func weights(_ part: Part) -> String { "\(directory)/\(part).weights.npy" }
    func auxiliary(_ part: Part, _ place: Int) -> String { "\(directory)/\(part).auxiliary-\(place).npy" }
    var auxiliaryWords: String { "\(directory)/auxiliary.json" }
  }
}
