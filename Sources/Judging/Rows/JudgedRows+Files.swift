extension JudgedRows {
  /// The same of files that rows are samples of, as clips of a recording: of each is said the mean of what is said of its rows, and true
  /// what is true of the first one. Nil where only some rows are meant, or rows weigh something.
  ///
  /// - Parameter files: of each row, ascending. Means are summed in double precision, in the order of the rows.
  package func perFile(_ files: [Int32]) throws -> JudgedRows? {
    guard weights == nil, count == files.count, (0..<count).allSatisfy({ row($0) == $0 }), columns.isEmpty else {
      return nil
    }
    let starts = files.indices.filter { $0 == 0 || files[$0] != files[$0 - 1] }
    let ranges = starts.enumerated().map { place, start in
      start..<(place + 1 < starts.count ? starts[place + 1] : files.count)
    }
    func mean(_ rows: Range<Int>, _ value: (Int) -> Double) -> Double {
      rows.reduce(0.0) { $0 + value($1) } / Double(rows.count)
    }
    switch content {
    case .numbers(let numbers):
      return try JudgedRows(
        JudgedNumbers(
          name: numbers.name, predictions: RowNumbers(ranges.map { mean($0) { numbers.prediction($0) } }),
          targets: RowNumbers(starts.map { numbers.target($0) })))
    case .classes(let classes):
      let targets = RowNumbers(starts.map { Int32(classes.target($0)) })
      var found: JudgedClasses
      if classes.isYesOrNo {
        let yes = ranges.map { Float(mean($0) { classes.probability(of: 1, $0) }) }
        found = JudgedClasses(names: classes.names, yes: RowNumbers(yes), targets: targets)
      } else {
        let all = ranges.flatMap { rows in
          classes.names.indices.map { number in Float(mean(rows) { classes.probability(of: number, $0) }) }
        }
        found = JudgedClasses(names: classes.names, probabilities: RowNumbers(all), targets: targets)
      }
      (found.positive, found.threshold, found.cost) = (classes.positive, classes.threshold, classes.cost)
      return try JudgedRows(found)
    }
  }
}
