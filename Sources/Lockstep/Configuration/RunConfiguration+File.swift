import Diagnostics
import Files
import Foundation

extension RunConfiguration {
  /// The first line of every `config.yaml` that a run writes.
  private static let mark = "# Written by lockstep train: every setting of this run, defaults filled in."

  /// Writes `config.yaml` in a run directory; one that somebody else wrote is left as it is, and refused.
  func write(toRunDirectory directory: String) throws {
    let path = "\(directory)/config.yaml"
    try requireOwnFile(path)
    if let there = FileManager.default.contents(atPath: path), !there.starts(with: Data(Self.mark.utf8)) {
      throw Failure(
        .usage, at: path, "expected none, or that of a run, found another one, which would be overwritten",
        cure: "rename it, or name another directory with --output")
    }
    try "\(Self.mark)\n\(resolved)".write(toRunFile: path)
  }
}
