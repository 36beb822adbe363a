import Datasets
import Lockstep
import Preparation
import Sources

/// Which features came from which column of a table. Letters: N rows, F features.
struct ColumnFeatures {
  /// A column and the places of its features.
  let columns: [(name: String, features: Range<Int>)]
  private let words: [[String]]
  private let width: Int

  /// nil where the data are no table, or their features other than those of its columns.
  init?(_ configuration: RunConfiguration, _ data: Dataset) {
    guard let source = configuration.data as? TableSource, let text = data.preparation,
      let table = try? FittedTable(json: text), let encoders = try? table.encoders(source.settings)
    else { return nil }
    columns = source.columns(of: data)
    width = columns.last?.features.upperBound ?? 0
    guard width == data.shape.count else { return nil }
    words = zip(table.columns, encoders).map { column, encoder in
      let own = column.fitted.words["words"] ?? []
      switch column.kind {
      case "binary": return own
      // One feature a word, and others behind them.
      case "category": return encoder.suffixes.prefix(own.count).elementsEqual(own.map { "=\($0)" }) ? own : []
      default: return []
      }
    }
  }

  /// Values of a column of words for each row: their places in `values`, below 0 where there is none, or one that is not
  /// known; nil where the column has no words, or more than `most`.
  func values(of column: Int, _ data: Dataset, most: Int = 20) -> (values: [String], codes: [Int32])? {
    let own = words[column]
    guard own.count > 1, own.count <= most else { return nil }
    let place = columns[column].features
    let isBinary = place.count == 1
    guard place.count >= own.count || isBinary && own.count == 2 else { return nil }
    let codes = data.features.withFloats { features in
      (0..<data.count).map { row -> Int32 in
        let first = row * width + place.lowerBound
        if isBinary { return features[first] == 0 ? 0 : features[first] == 1 ? 1 : -1 }
        return (0..<own.count).first { features[first + $0] == 1 }.map { Int32($0) } ?? -1
      }
    }
    return codes.map { (own, $0) }
  }
}
