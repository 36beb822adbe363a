import Diagnostics
import Preparation
import Sources

extension RunConfiguration {
  /// MiB that a table's `memory` may be.
  package static var tableMemory: ClosedRange<Int> { TableSettings.memories }

  /// Reads YAML text of a run whose data are a table, the words of whose columns may take `memory` MiB while it is prepared: that
  /// goes before its own `memory`, and before that of `overrides`. Nil: as they say, and data may be any.
  ///
  /// Throws a usage error (64) where there is `memory` for data that are no table.
  package init(_ source: ConfigurationSource, overrides: [String], memory: Int?) throws {
    let plain = try RunConfiguration(source, overrides: overrides)
    guard let memory else {
      self = plain
      return
    }
    guard plain.data is TableSource else {
      let found = type(of: plain.data).kind
      throw Failure(.usage, at: "--memory", "expected data that are a table, found \(found)", cure: "leave it out")
    }
    try self.init(source, overrides: overrides + ["data.\(TableSource.kind).memory=\(memory)"])
  }
}
