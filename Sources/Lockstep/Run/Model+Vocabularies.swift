import Diagnostics
import Files
import Preparation
import Sources

extension Model {
  /// The vocabularies of pieces of words that texts become tokens by: SentencePiece's files, each with the column of a table that it is
  /// of, or none.
  var vocabularies: [(column: String?, bytes: [UInt8])] {
    get throws {
      guard let preparation else { return [] }
      switch configuration.data {
      case is TextSource: return [(nil, try TextVocabulary(json: preparation).modelBytes)]
      case is TableSource:
        return try FittedTable(json: preparation).columns.filter { $0.kind == TokensColumn.kind }.map {
          ($0.name, try TokensColumn.model($0.fitted).bytes)
        }
      default: return []
      }
    }
  }

  /// Writes them beside a file of an export: `a.model` for `a.onnx`, where there are several `a.COLUMN.model`. Returns a line for each.
  func write(_ all: [(column: String?, bytes: [UInt8])], beside path: String) throws -> [String] {
    guard path != standardStream else { return [] }
    let stem = path.lowercased().hasSuffix(".onnx") ? String(path.dropLast(5)) : path
    return try all.map { column, bytes in
      let own = all.count > 1 ? ".\((column ?? "").map { $0 == "/" ? "-" : $0 }.map(String.init).joined())" : ""
      let name = "\(stem)\(own).model"
      let file = try OutputFile(name)
      try file.write(contentsOf: bytes)
      try file.finish()
      return "\(name): the vocabulary of \(column.map { "column '\($0)'" } ?? "the text"), for SentencePiece"
    }
  }
}
