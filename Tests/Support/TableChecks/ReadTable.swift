import Tables

/// All rows of a reader, as texts, to be compared.
public struct ReadTable: Equatable, Sendable {
  public let fields: [RawField]
  public private(set) var rows = 0
  /// By the names of the columns; nil: missing. A row with a fault is `?` in all columns: its cells hold anything.
  public private(set) var columns: [String: [String?]] = [:]
  /// `a.jsonl:3: column 'x': expected a number, found "a"`
  public private(set) var faults: [String] = []

  /// - Parameter most: rows to ask for at a time.
  public init(_ reader: some TableReader, most: Int = 1000) throws {
    fields = reader.fields
    for field in fields { columns[field.name] = [] }
    while let chunk = try reader.next(most: most) {
      precondition(1...most ~= chunk.count && chunk.columns.count == fields.count, "a chunk of \(chunk.count) rows")
      let faulty = Set(chunk.faults.map(\.row))
      for (field, column) in zip(fields, chunk.columns) {
        let texts = (0..<chunk.count).map { row -> String? in
          if faulty.contains(row) { return "?" }
          return column.isMissing.isEmpty || !column.isMissing[row] ? Self.text(column.values, row) : nil
        }
        columns[field.name, default: []] += texts
      }
      faults += chunk.faults.map { fault in
        let column = fault.column.map { "column '\($0)': " } ?? ""
        return "\(chunk.places.description(fault.row)): \(column)\(fault.reason)"
      }
      rows += chunk.count
    }
  }

  /// The values of a column.
  public subscript(name: String) -> [String?] { columns[name] ?? [] }

  private static func text(_ values: RawColumn.Values, _ row: Int) -> String {
    switch values {
    case .texts(let cells): cells[row]
    case .numbers(let values): "\(values[row])"
    case .integers(let values), .instants(let values): "\(values[row])"
    case .booleans(let values): "\(values[row])"
    case .days(let values): "\(values[row])"
    case .vectors(let values, let width): "\(Array(values[row * width..<(row + 1) * width]))"
    }
  }
}

/// `name: type`, for each of the fields.
public func words(_ fields: [RawField]) -> [String] { fields.map { "\($0.name): \($0.type.rawValue)" } }
