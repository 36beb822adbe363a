import Configuration
import Diagnostics

extension ConfigValue {
  /// Tells those who write a column as Ludwig does, `{name: Job, type: category}`, how it is written here.
  func refuseLudwigsColumn() throws {
    guard let type = word(at: "type") else { return }
    let kinds = columnKinds.names
    throw failure(
      "expected the kind as a key, found type: \(type), which is Ludwig's form",
      cure: kinds.contains(type)
        ? "write - \(type): \(word(at: "name") ?? word(at: "column") ?? "…")"
        : "the kinds are \(kinds.joined(separator: ", "))")
  }
}
