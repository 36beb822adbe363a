import Metrics

/// What each class weighs among the truths, among the predictions, and among both: see `ClassMarginals`.
struct ClassBasis: Basis {
  let key = "classes"

  func prepared(_ rows: JudgedRows) throws -> any PreparedBasis {
    guard let classes = rows.classes else { throw Undefined("no classes are predicted") }
    let (count, width) = (rows.count, classes.names.count)
    var (truths, predictions) = ([Int32](), [Int32]())
    truths.reserveCapacity(count)
    predictions.reserveCapacity(count)
    for place in 0..<count {
      let row = rows.row(place)
      truths.append(Int32(classes.target(row)))
      predictions.append(Int32(classes.prediction(row)))
    }
    return PreparedClasses(classes: width, truths: RowNumbers(truths), predictions: RowNumbers(predictions))
  }
}

/// Sums truths × predictions where that is a small table, else the classes' own sums.
private struct PreparedClasses: PreparedBasis {
  let classes: Int
  let truths: RowNumbers<Int32>
  let predictions: RowNumbers<Int32>
  private static let mostCells = 1024

  var work: Int { truths.count + 3 * classes }

  func totals(_ weights: RowWeights) -> [Double] {
    var totals = [Double](repeating: 0, count: 3 * classes)
    if classes * classes <= Self.mostCells {
      let cells = cells(weights)
      for truth in 0..<classes {
        for prediction in 0..<classes {
          let weight = cells[truth * classes + prediction]
          totals[truth] += weight
          totals[classes + prediction] += weight
          if truth == prediction { totals[2 * classes + truth] = weight }
        }
      }
      return totals
    }
    for place in 0..<truths.count {
      let (truth, prediction, weight) = (Int(truths[place]), Int(predictions[place]), weights[place])
      totals[truth] += weight
      totals[classes + prediction] += weight
      if truth == prediction { totals[2 * classes + truth] += weight }
    }
    return totals
  }

  /// Rows that follow each other go to different tables, so that none waits for the one before.
  private func cells(_ weights: RowWeights) -> [Double] {
    let size = classes * classes
    var cells = [Double](repeating: 0, count: 4 * size)
    cells.withUnsafeMutableBufferPointer { cells in
      for place in 0..<truths.count {
        let cell = Int(truths[place]) * classes + Int(predictions[place])
        cells[(place & 3) * size + cell] += weights[place]
      }
    }
    return (0..<size).map { (cells[$0] + cells[size + $0]) + (cells[2 * size + $0] + cells[3 * size + $0]) }
  }
}

extension RowNumbers {
  /// Σ w·x and Σ w, as doubles: four sums of every fourth row, added in pairs.
  static func weightedSum(_ numbers: RowNumbers<Double>, _ weights: RowWeights) -> (sum: Double, weight: Double) {
    var (sums, totals) = (SIMD4<Double>(), SIMD4<Double>())
    let (count, elements) = (numbers.count, numbers.elements)
    var place = 0
    while place + 4 <= count {
      let own = SIMD4(weights[place], weights[place + 1], weights[place + 2], weights[place + 3])
      let four = SIMD4(elements[place], elements[place + 1], elements[place + 2], elements[place + 3])
      sums += own * four
      totals += own
      place += 4
    }
    for last in place..<count {
      sums[last - place] += weights[last] * elements[last]
      totals[last - place] += weights[last]
    }
    return ((sums.x + sums.y) + (sums.z + sums.w), (totals.x + totals.y) + (totals.z + totals.w))
  }
}
