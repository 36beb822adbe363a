import Diagnostics

/// Which columns of a CSV file are features, and which ones are targets.
struct CSVColumns {
  let names: [String]
  /// Whether they stand in the file; else they are the columns' numbers, from 1.
  let areInFile: Bool
  /// Places in `names`, in the order of the features.
  let features: [Int]
  /// Places in `names`, in the order of the targets.
  let targets: [Int]

  /// Chooses among the cells of the record that `records` is at, the first.
  ///
  /// `target`, `features` and `header` are as in `Dataset.csv`.
  init(
    _ records: CSVRecords, target: Dataset.TableTarget, features: [String]?, header: Bool?
  ) throws(Failure) {
    let cells = records.cells.indices.map { records.text($0) }
    let names = header == false ? cells.indices.map { "\($0 + 1)" } : cells
    self.names = names
    areInFile = header != false
    if cells.count == 1, let (separator, words, cure) = Self.separators.first(where: { cells[0].contains($0.0) }) {
      let more = cells[0].count { $0 == separator } + 1
      throw records.failure("expected columns separated by commas, found \(more) separated by \(words)", cure: cure)
    }
    guard header != nil || !CSVHeader.isMissing(records) else {
      throw records.failure(
        "expected a header, found numbers as in the rows below it",
        cure: "name the columns in the first line, or set header in data.csv: false where there are none, true where "
          + "these are the names")
    }
    var seen: [String: Int] = [:]
    for (place, name) in names.enumerated() where !name.isEmpty {
      if let first = seen.updateValue(place, forKey: name) {
        throw records.failure(
          "expected distinct column names, found '\(name)' for columns \(first + 1) and \(place + 1)",
          cure: "rename one of them")
      }
    }

    func place(_ name: String, _ role: String) throws(Failure) -> Int {
      if let place = seen[name] { return place }
      let near = nearest(to: name, among: names)
      throw records.failure(
        "expected a \(role) column '\(name)', found none",
        cure: near.map { "did you mean '\($0)'?" } ?? "the columns are \(Self.list(names))")
    }

    func targetPlaces(_ columns: [String]?) throws(Failure) -> [Int] {
      guard let columns else { return [names.count - 1] }
      var places: [Int] = []
      for column in columns {
        let place = try place(column, "target")
        guard !places.contains(place) else {
          throw records.failure("expected distinct target columns, found '\(column)' twice", cure: "name it once")
        }
        places.append(place)
      }
      return places
    }

    switch target {
    case .none: targets = []
    case .classes(let column, _): targets = try targetPlaces(column.map { [$0] })
    case .values(let columns): targets = try targetPlaces(columns)
    }
    if let features {
      var places: [Int] = []
      for feature in features { places.append(try place(feature, "feature")) }
      self.features = places
      if let target = targets.first(where: places.contains) {
        throw records.failure(
          "expected a target that is no feature, found column '\(names[target])' as both", cure: "take it off one list")
      }
    } else {
      let targets = targets
      self.features = names.indices.filter { !targets.contains($0) }
    }
    guard !self.features.isEmpty else {
      throw records.failure(
        "expected at least one feature column, found only \(Self.list(names))", cure: "add a column for each feature")
    }
    if let unnamed = (self.features + targets).first(where: { names[$0].isEmpty }) {
      throw records.failure("expected a name for column \(unnamed + 1), found none", cure: "name or delete the column")
    }
  }

  private static let separators: [(Character, String, cure: String)] = [
    (";", "semicolons", "save the table with commas between cells, and points in numbers"),
    ("\t", "tabs", "save the table with commas (where cells have none: tr '\\t' ,)"),
    ("|", "bars", "save the table with commas (where cells have none: tr '|' ,)"),
  ]

  private static func list(_ names: [String]) -> String {
    names.prefix(20).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 20 ? ", …" : "")
  }
}
