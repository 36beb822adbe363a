import Foundation

/// A directory of its own for one test, deleted when the test lets go of it.
public final class Folder: Sendable {
  public let path: String

  public init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of `name` in this folder.
  public subscript(name: String) -> String { "\(path)/\(name)" }

  /// Writes a text file; returns its path.
  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  /// Writes a file; returns its path.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: self[name]))
    return self[name]
  }

  /// Writes a program that can be run at once; returns its path.
  ///
  /// Another process puts it there: Linux runs no file that any process has open for writing (ETXTBSY), as each has for a
  /// moment that this one starts meanwhile, in another test.
  @discardableResult
  public func writeProgram(_ name: String, _ bytes: [UInt8]) throws -> String {
    let content = try write("\(name).content", bytes)
    defer { try? remove("\(name).content") }
    let ended = try run("install", ["-m", "755", content, self[name]], deadline: 60)
    guard ended.code == 0 else { throw SystemError(call: "install", subject: ended.errors, code: EIO) }
    return self[name]
  }

  /// The same of a script.
  @discardableResult
  public func writeProgram(_ name: String, _ text: String) throws -> String {
    try writeProgram(name, Array(text.utf8))
  }

  /// The text of a file.
  public func text(_ name: String) throws -> String { try String(contentsOfFile: self[name], encoding: .utf8) }

  /// The names in a directory of this folder, hidden ones too, sorted; none where it is missing.
  public func names(_ name: String = "") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: self[name])) ?? []).sorted()
  }

  public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self[name]) }

  public func copy(_ name: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: self[name], toPath: self[other])
  }

  public func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: self[name]) }
}
