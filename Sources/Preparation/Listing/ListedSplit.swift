import Configuration

/// By what the sources of files are named for; within those for training, where others are for testing, a split may choose what
/// training is watched by.
struct ListedSplit: Split {
  static let kind = "listed"
  static let summary = "by what is named for each part"

  let listing: any FileListing
  let within: (any Split)?

  init(_ listing: any FileListing, within: (any Split)?) { (self.listing, self.within) = (listing, within) }

  init(_ settings: ConfigReader) throws { self.init(ListedFolders([]), within: nil) }

  var columns: [ColumnRequest] { within?.columns ?? [] }

  func parts(of table: SplitTable, seed: UInt64) throws -> [Part] {
    var parts = try within?.parts(of: table, seed: seed) ?? [Part](repeating: .train, count: table.count)
    let (sources, starts) = (table.table.sources, table.table.starts)
    for (place, named) in listing.parts(of: sources).enumerated() {
      guard let named else { continue }
      for row in starts[place]..<starts[place + 1] where named != .train || parts[row] == .test { parts[row] = named }
    }
    return parts
  }
}
