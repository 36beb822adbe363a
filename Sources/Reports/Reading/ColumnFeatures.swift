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
    var (columns, start) = ([(name: String, features: Range<Int>)](), 0)
    for (column, encoder) in zip(table.columns, encoders) {
      let count = encoder.suffixes.count
      columns.append((column.name, start..<start + count))
      start += count
    }
    guard start == data.shape.count else { return nil }
    (self.columns, width) = (columns, start)
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

  /// The same rows, in which those of one column are in another order.
  func shuffled(_ column: Int, _ data: Dataset, _ order: [Int]) -> Dataset? {
    let place = columns[column].features
    return data.features.withFloats { features -> Dataset in
      var other = Array(features)
      for row in 0..<data.count {
        for feature in place { other[row * width + feature] = features[order[row] * width + feature] }
      }
      return Dataset(
        source: data.source, shape: data.shape, features: .floats(other), targets: data.targets,
        featureNames: data.featureNames, targetNames: data.targetNames, targetShape: data.targetShape,
        weights: data.weights, preparation: data.preparation, ends: data.ends)
    }
  }
}
