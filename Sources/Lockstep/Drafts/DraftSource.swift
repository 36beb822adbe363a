import Configuration
import Diagnostics
import Formats
import Foundation

/// What a configuration is to be drafted for, as it is named on a command line.
enum DraftSource {
  /// Reads `{sqlite: {file: shop.db, query: "SELECT …", key: id}}`, or finds the format of a file, a pattern or a folder; returns
  /// it as a configuration has it.
  ///
  /// Relative paths in a source in braces start from the configuration's folder, as they do there.
  static func read(_ data: String, configuration: String) throws -> (format: any TableFormat, written: String) {
    guard data.hasPrefix("{") else {
      let format = try tableFormat(of: data)
      return (format, "{\(format.draft(path: path(data, from: configuration)))}")
    }
    let line = data.split(whereSeparator: \.isNewline).joined(separator: " ")
    let folder =
      configuration.contains("/") ? URL(fileURLWithPath: configuration).deletingLastPathComponent().path : "."
    let reader = try ConfigReader(yaml: "source: \(line)\n", file: "<data>", directory: folder)
    let format = try reader.choice("source", tableFormatKinds.cases { try $0.init($1) })
    try reader.finish()
    return (format, line)
  }

  /// The path of `file` as a configuration has it, whose directory relative paths start from.
  static func path(_ file: String, from configuration: String) -> String {
    guard configuration.contains("/"), !file.hasPrefix("/") else { return file }
    return "\(FileManager.default.currentDirectoryPath)/\(file)"
  }
}
