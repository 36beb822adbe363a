import Diagnostics
import Files
import Foundation
import Tensors

/// A run in MLflow's file store: `STORE/EXPERIMENT/RUN/{meta.yaml, params, metrics, tags, artifacts}`, a file a parameter, tag and
/// metric, as MLflow 3's `FileStore` reads them.
struct MLflowStore {
  /// MLflow's numbers for the states of a run.
  enum Status: Int { case running = 1, finished = 3, failed, killed }

  private let directory: String
  private let experiment: String
  private let id: String
  private let name: String
  private let began: Int

  private static let cure = "make it writable, or free some space"

  /// Makes the folders of a run, or finds them; `id` has 32 hexadecimal digits.
  init(_ store: String, experiment: String, run id: String, named name: String) throws {
    try makeDirectories(store, cure: Self.cure)
    let experiment = try Self.experiment(named: experiment, in: store)
    (self.experiment, self.id, self.name) = (experiment, id, name)
    directory = "\(store)/\(experiment)/\(id)"
    for folder in ["params", "metrics", "tags", "artifacts"] {
      try makeDirectories("\(directory)/\(folder)", cure: Self.cure)
    }
    let meta = try? String(contentsOfFile: "\(directory)/meta.yaml", encoding: .utf8)
    let line = meta?.split(separator: "\n").first { $0.hasPrefix("start_time: ") }
    began = line.flatMap { Int($0.dropFirst(12)) } ?? Self.now
  }

  /// Milliseconds since 1970.
  static var now: Int { Int(Date().timeIntervalSince1970 * 1000) }

  /// The folder of the experiment of a name: that which is there, or a new one.
  private static func experiment(named name: String, in store: String) throws -> String {
    let line = "name: \(quoted(name))"
    for folder in try directoryNames(store).sorted() {
      guard let meta = try? String(contentsOfFile: "\(store)/\(folder)/meta.yaml", encoding: .utf8) else { continue }
      let lines = meta.split(separator: "\n")
      if lines.contains(where: { $0 == line || $0 == "name: \(name)" }) { return folder }
    }
    // Eighteen digits, as MLflow's own: the same of a name, so that runs that begin at once find one.
    let digits = Digest(of: name).hex.prefix(14)
    let id = "\(100_000_000_000_000_000 + (UInt64(digits, radix: 16) ?? 0) % 900_000_000_000_000_000)"
    try makeDirectories("\(store)/\(id)", cure: cure)
    let meta = """
      artifact_location: \(quoted(url("\(store)/\(id)")))
      creation_time: \(now)
      experiment_id: '\(id)'
      last_update_time: \(now)
      lifecycle_stage: active
      \(line)

      """
    try meta.write(toRunFile: "\(store)/\(id)/meta.yaml")
    return id
  }

  /// Says how the run is.
  func set(_ status: Status) throws {
    let meta = """
      artifact_uri: \(Self.quoted(Self.url("\(directory)/artifacts")))
      end_time: \(status == .running ? "null" : "\(Self.now)")
      entry_point_name: ''
      experiment_id: '\(experiment)'
      lifecycle_stage: active
      run_id: \(id)
      run_name: \(Self.quoted(name))
      source_name: ''
      source_type: 4
      source_version: ''
      start_time: \(began)
      status: \(status.rawValue)
      tags: []
      user_id: \(Self.quoted(NSUserName()))

      """
    try meta.write(toRunFile: "\(directory)/meta.yaml")
  }

  /// Takes away all parameters.
  func removeParameters() throws {
    let folder = "\(directory)/params"
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard unlink("\(folder)/\(name)") == 0 else { throw Failure.system("unlink", "\(folder)/\(name)", errno: errno) }
    }
  }

  /// Writes a parameter, whose name and value are such that MLflow takes them.
  func setParameter(_ key: String, _ value: String) throws {
    try value.write(toRunFile: "\(directory)/params/\(key)")
  }

  /// Writes a tag, or takes away one; what is longer than MLflow takes it (`MAX_TAG_VAL_LENGTH`) is cut, and ends in `…`.
  func tag(_ key: String, _ value: String?) throws {
    let path = "\(directory)/tags/\(Self.key(key))"
    guard let value else {
      guard unlink(path) == 0 || errno == ENOENT else { throw Failure.system("unlink", path, errno: errno) }
      return
    }
    let scalars = value.unicodeScalars
    try (scalars.count > Self.longestTag ? "\(String(scalars.prefix(Self.longestTag - 1)))…" : value).write(
      toRunFile: path)
  }

  /// Copies a file to the artifacts, where it is there.
  func keep(_ path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
    try text.write(toRunFile: "\(directory)/artifacts/\(URL(fileURLWithPath: path).lastPathComponent)")
  }

  /// Adds a value of a metric: a line `time value step`.
  func append(_ key: String, _ value: Double, step: Int) throws {
    let path = "\(directory)/metrics/\(Self.key(key))"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure.system("open", path, errno: errno, cure: Self.cure) }
    defer { close(descriptor) }
    let text = value.isNaN ? "nan" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : "\(value)"
    try writeAll(Array("\(Self.now) \(text) \(step)\n".utf8), to: descriptor, path)
  }

  /// Drops what was written of steps behind `last`, and a line that a killed process has left half.
  func keepMetrics(through last: Int) throws {
    for name in try directoryNames("\(directory)/metrics").sorted() {
      let path = "\(directory)/metrics/\(name)"
      let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
      let whole = text.split(separator: "\n", omittingEmptySubsequences: true)
      let kept = whole.filter { line in
        let cells = line.split(separator: " ")
        return cells.count == 3 && (Int(cells[2]) ?? .max) <= last
      }
      if kept.isEmpty {
        try FileManager.default.removeItem(atPath: path)
      } else {
        try kept.map { $0 + "\n" }.joined().write(toRunFile: path)
      }
    }
  }

  /// MLflow's limit (`MAX_TAG_VAL_LENGTH`), in characters.
  private static let longestTag = 8000
  /// MLflow takes 250 characters (`MAX_ENTITY_KEY_LENGTH`), but a file is written under a longer name first, and 255 bytes are a
  /// file system's limit.
  static let longestKey = 160

  /// A name that MLflow takes and that is a file of one folder: letters, digits and `_-. `, others as `_`.
  static func key(_ name: String) -> String {
    let letters = name.map { letter -> Character in
      letter.isASCII && (letter.isLetter || letter.isNumber || "_-. ".contains(letter)) ? letter : "_"
    }
    let key = String(letters.prefix(longestKey))
    return key.allSatisfy { $0 == "." } ? "_\(key)" : key
  }

  private static func url(_ path: String) -> String { URL(fileURLWithPath: path).absoluteString }

  /// Text of YAML between single quotes, on one line.
  private static func quoted(_ text: String) -> String {
    let line = String(text.map { $0.isNewline ? " " : $0 })
    return "'\(line.replacing("'", with: "''"))'"
  }
}
