import Configuration
import Preparation
import TestSupport
import Testing

/// Settings that columns of a kind have where they do not say otherwise.
@Suite struct DefaultsTests {
  private static let head = "source: {csv: {files: a.csv}}\ntarget: y\n"

  private static func read(
    _ yaml: String, behind head: String = head
  ) throws -> (settings: TableSettings, resolved: String) {
    let reader = try ConfigReader(yaml: head + yaml, file: "table.yaml")
    let settings = try TableSettings(reader)
    try reader.finish()
    return (settings, reader.resolved)
  }

  /// They are what would be written at each column, and the resolved configuration has them there.
  @Test func asIfWrittenAtEachColumn() throws {
    let short = try Self.read(
      """
      defaults: {number: {missing: constant, value: 3, scale: robust}, category: {min-frequency: 5}}
      columns:
        - number: [a, b]
        - number: c
        - number: {columns: d, missing: median}
        - number: {columns: e, scale: {log1p: null}, value: 4}
        - category: {columns: f, min-frequency: 2}
        - category: g
        - binary: h

      """)
    let long = try Self.read(
      """
      columns:
        - number: {columns: [a, b], missing: constant, value: 3, scale: robust}
        - number: {columns: [c], missing: constant, value: 3, scale: robust}
        - number: {columns: [d], missing: median, scale: robust}
        - number: {columns: [e], missing: constant, value: 4, scale: log1p}
        - category: {columns: [f], min-frequency: 2}
        - category: {columns: [g], min-frequency: 5}
        - binary: [h]

      """)
    func identity(_ settings: TableSettings) -> String {
      // A name alone and a list of one are written in two ways.
      settings.identity.replacing(#/columns=\[?([a-z, ]+)\]?/#) { "columns=\($0.1)" }
    }
    #expect(identity(short.settings) == identity(long.settings))
    #expect(short.settings.identity.contains("columns.3.number.scale=log1p"))
    #expect(!short.settings.identity.contains("defaults"))
    let again = try Self.read(short.resolved, behind: "")
    #expect(again.settings.identity == short.settings.identity && again.resolved == short.resolved)
    // Where there are none, nothing is as it was not.
    let plain = try Self.read("columns: [{number: a}]\n"),
      idle = try Self.read("defaults: {}\ncolumns: [{number: a}]\n")
    #expect(plain.settings.identity == idle.settings.identity && plain.resolved.contains("defaults: null\n"))
  }

  @Test func mistakes() {
    let cases = [
      ("{numbers: {scale: robust}}", "table.yaml:3: defaults.numbers: expected one of number, category"),
      ("{numbers: {scale: robust}}", "found numbers; did you mean number?"),
      ("{number: {scales: robust}}", "table.yaml:3: defaults.number.scales: unknown key; did you mean scale?"),
      ("{number: {scale: robst}}", "table.yaml:3: defaults.number.scale: expected one of standard"),
      ("{number: {columns: a}}", "table.yaml:3: defaults.number.columns: unknown key"),
      ("{number: robust}", "table.yaml:3: defaults.number: expected a mapping (key: value), found robust"),
      ("[number]", "table.yaml:3: defaults: expected a mapping"),
      ("{date: {missing: median}}", "defaults.date.missing: expected one of mean, drop-row, found median"),
    ]
    for (defaults, words) in cases {
      let found = message { _ = try Self.read("defaults: \(defaults)\ncolumns: [{number: a}]\n") }
      #expect(found.contains(words), "\(defaults): \(found)")
    }
    // A column's own mistakes are still seen.
    let own = message { _ = try Self.read("defaults: {number: {}}\ncolumns: [{number: {columns: a, scales: 1}}]\n") }
    #expect(own.contains("columns.0.number.scales: unknown key"), "\(own)")
    let none = message { _ = try Self.read("defaults: {number: {}}\ncolumns: [{number: {scale: robust}}]\n") }
    #expect(none.contains("columns.0.number.columns: required, but missing"), "\(none)")
  }
}
