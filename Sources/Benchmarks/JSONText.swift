import Foundation

/// Records as a JSON array of objects, one a line, keys in the records' order.
func jsonText(_ records: [Record]) -> String {
  let objects = records.map { record in
    "  {" + record.map { "\(jsonString($0.key)): \(jsonValue($0.value))" }.joined(separator: ", ") + "}"
  }
  return objects.isEmpty ? "[]\n" : "[\n" + objects.joined(separator: ",\n") + "\n]\n"
}

private func jsonValue(_ field: Field) -> String {
  switch field {
  case .text(let text): jsonString(text)
  case .int(let value): "\(value)"
  case .number(let value): value.isFinite ? "\(value)" : "null"
  case .missing: "null"
  }
}

private func jsonString(_ text: String) -> String {
  // A string alone is no JSON text to some; in an array it is.
  let data = try! JSONSerialization.data(withJSONObject: [text], options: .withoutEscapingSlashes)
  return String(decoding: data.dropFirst().dropLast(), as: UTF8.self)
}
