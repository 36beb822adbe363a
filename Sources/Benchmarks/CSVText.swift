/// Records as CSV (RFC 4180): a line of keys, then one line a record.
func csvText(_ records: [Record]) -> String {
  guard let first = records.first else { return "" }
  let lines = [first.map { csvCell($0.key) }] + records.map { $0.map { csvValue($0.value) } }
  return lines.map { $0.joined(separator: ",") + "\n" }.joined()
}

private func csvValue(_ field: Field) -> String {
  switch field {
  case .text(let text): csvCell(text)
  case .int(let value): "\(value)"
  case .number(let value): value.isFinite ? "\(value)" : ""
  case .missing: ""
  }
}

private func csvCell(_ text: String) -> String {
  guard text.contains(where: { ",\"".contains($0) || $0.isNewline }) else { return text }
  return "\"" + text.replacing("\"", with: "\"\"") + "\""
}
