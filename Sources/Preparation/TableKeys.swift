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
  func distinct(_ key: String) throws -> [String] {
    let names = try strings(key, default: [])
    try requireDistinct(names, at: key)
    return names
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
