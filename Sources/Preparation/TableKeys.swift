import Configuration
import Tables

/// What targets are.
package enum TargetKind: String, CaseIterable { case classes, values }

/// Settings that several kinds have.
extension ConfigReader {
  /// `Age` or `[Age, Income]`: distinct names, at least one.
  package func names(_ key: String) throws -> [String] {
    let value = try requiredValue(key)
    guard value.isList else { return [try value.string()] }
    let names = try value.list(count: 1...) { try $0.string() }
    try requireDistinct(names, at: key)
    return names
  }

  /// `[customer, device]`: distinct names, or none.
  package func distinct(_ key: String) throws -> [String] {
    let names = try strings(key, default: [])
    try requireDistinct(names, at: key)
    return names
  }

  /// `values`, or `[classes, values]`: the kind of all targets, or of each; and whether it is a list.
  func targetKinds(_ key: String, of targets: [String]) throws -> (kinds: [TargetKind], isList: Bool) {
    guard let value = value(key), value.isList else {
      let kind = try option(key, of: TargetKind.self, default: .classes)
      note(key, ", or a list of them")
      return (targets.map { _ in kind }, false)
    }
    let kinds = try value.list { try $0.option(of: TargetKind.self) }
    guard kinds.count == targets.count, kinds.count > 1 else {
      throw failure(
        at: key, "expected the kind of each of \(targets.count) targets, found \(kinds.count)",
        cure: targets.count == 1 ? "write one word" : "write one for each, in their order")
    }
    return (kinds, true)
  }

  /// `format`, where nothing else is said ISO 8601, and `zone`, what clocks show more than UTC: `+01:00`.
  func dateFormat() throws -> DateFormat {
    let pattern = try optionalString("format")
    let zone = try string("zone", default: "+00:00")
    guard let minutes = DateFormat.zoneMinutes(zone) else {
      throw failure(at: "zone", "expected a distance from UTC, found '\(zone)'", cure: "write it as +01:00")
    }
    guard let pattern else { return DateFormat(zoneMinutes: minutes) }
    guard let format = DateFormat(pattern, zoneMinutes: minutes) else {
      throw failure(
        at: "format",
        "expected a year and other parts, each once, of %Y %y %m %d %b %j %H %I %p %M %S %f %z, found '\(pattern)'",
        cure: "write a date like 24.11.2026 as %d.%m.%Y")
    }
    return format
  }
}
