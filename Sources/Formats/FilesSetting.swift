import Configuration

extension ConfigReader {
  /// `files`: a path, a pattern or a folder, or a list of them.
  func files() throws -> [String] {
    if let value = value("files") {
      return try value.isList ? value.list(count: 1...) { try $0.filePath() } : [value.filePath()]
    }
    defer { note("files", ", a pattern, a folder, or a list of them") }
    return [try filePath("files")]
  }
}
