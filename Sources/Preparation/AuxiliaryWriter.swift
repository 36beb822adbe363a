import Diagnostics
import Files
import Foundation
import Tables
import Tensors

/// Writes one part's values of the columns that figures look at, which are no features.
///
/// Numbers are floats, as targets are, so that a forecast that is the target is right to the last bit.
final class AuxiliaryWriter {
  private let codes: ArrayWriter<Int32>?
  private let numbers: ArrayWriter<Float>?
  private let hash = StreamingDigest()

  init(_ path: String, _ storage: ColumnStorage) throws {
    (codes, numbers) =
      storage == .words ? (try ArrayWriter(path), nil) : (nil, try ArrayWriter(path))
  }

  /// Adds rows of a block, by their places in it.
  func append(_ column: CodedColumn, _ rows: [Int]) throws {
    switch column {
    case .codes(let all):
      let found = rows.map { all[$0] }
      found.withUnsafeBytes { hash.update($0) }
      try codes?.append(contentsOf: found)
    case .numbers(let all):
      let found = rows.map { Float(all[$0]) }
      found.withUnsafeBytes { hash.update($0) }
      try numbers?.append(contentsOf: found)
    case .texts, .instants, .vectors: break
    }
  }

  func finish() throws -> Digest {
    _ = try codes?.finish()
    _ = try numbers?.finish()
    return hash.finish()
  }
}

/// The words of the columns that figures look at, as `auxiliary.json` of a prepared table has them: a list a column, empty for
/// numbers.
struct AuxiliaryWords: Codable {
  var columns: [[String]]

  /// Of a collected table.
  init(_ table: CollectedTable, _ requests: [ColumnRequest]) { columns = requests.map { table.words(of: $0) } }

  /// Reads them; throws where the file is another one.
  init(_ path: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  var json: String { get throws { try sortedJSON(self) } }
  var digest: Digest { get throws { Digest(of: try json) } }
}
