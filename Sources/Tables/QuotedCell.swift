/// A cell of a table as RFC 4180 wants it.
package func quotedCell(_ cell: String) -> String {
  let isPlain = !cell.contains { $0 == "," || $0 == "\"" || $0.isNewline }
  return isPlain ? cell : "\"" + cell.replacing("\"", with: "\"\"") + "\""
}
