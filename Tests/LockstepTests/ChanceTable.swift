import TestSupport

/// A table of which a third of the rows has a class by chance, so that they are learned by heart soon: 90 of 180 rows to learn from, in
/// batches of 16, which are 6 steps an epoch.
enum ChanceTable {
  /// Writes `rows.csv` and `run.yaml`; returns the path of that.
  ///
  /// - Parameters:
  ///   - settings: more lines of the recipe.
  ///   - validation: the share of rows that training is watched by.
  static func recipe(in folder: Folder, _ settings: String, validation: Double = 0.3) throws -> String {
    var text = "a,b,c,class\n"
    for row in 0..<180 {
      let (a, b, c) = (row * 37 % 101, row * 53 % 97, row * 71 % 89)
      let isHigh = row % 3 == 0 ? row * row % 7 < 3 : a + b > 98
      text += "\(a),\(b),\(c),\(isHigh ? "high" : "low")\n"
    }
    try folder.write("rows.csv", text)
    return try folder.write(
      "run.yaml",
      """
      data:
        table:
          source: {csv: rows.csv}
          target: class
          split: {random: {test: 0.2, validation: \(validation)}}
          keep-under: prepared
          columns: [{number: a}, {number: b}, {number: c}]
      model: [{dense: 64}, relu, {dense: 2}]
      metrics: [accuracy, f1]
      optimizer: {adam: 0.02}
      batch: 16
      micro-batch: 4
      \(settings)

      """)
  }
}
