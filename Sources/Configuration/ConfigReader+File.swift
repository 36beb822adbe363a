import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

extension ConfigReader {
  /// Reads a YAML file of at most 1 MiB.
  /// - Parameter overrides: `key.path=value`, applied in their order.
  public convenience init(path: String, overrides: [String] = []) throws {
    try self.init(yaml: try Self.text(of: path), file: path, overrides: overrides)
  }

  private static func text(of path: String) throws -> String {
    func failure(_ call: String) -> Failure {
      .system(call, path, errno: errno, reading: true, cure: "name an existing YAML file")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open") }
    defer { close(descriptor) }
    // Read until its end rather than by its size: /dev/stdin has none.
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= ConfigText.maximumBytes {
      let count = read(descriptor, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("read") }
      if count == 0 { break }
      bytes += piece[..<count]
    }
    guard bytes.count <= ConfigText.maximumBytes else {
      throw Failure(.badConfiguration, at: path, "expected at most \(ConfigText.maximumBytes) bytes, found more")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let line = bytes.firstInvalidLine
      throw Failure(.badConfiguration, at: "\(path):\(line)", "expected text in UTF-8")
    }
    return text
  }
}

extension [UInt8] {
  /// The line, from 1, in which they stop being UTF-8; binary data may have long ones.
  fileprivate var firstInvalidLine: Int {
    let lines = split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return 1 + (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0)
  }
}
