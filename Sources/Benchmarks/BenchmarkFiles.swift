import Diagnostics
import Files
import Foundation
import Lockstep

/// The files that a benchmark writes.
package struct BenchmarkFiles: Sendable {
  package var json: String?
  package var csv: String?
  package var svg: String?

  package init(json: String? = nil, csv: String? = nil, svg: String? = nil) {
    (self.json, self.csv, self.svg) = (json, csv, svg)
  }

  /// Throws (74) where one of them could not be written, before minutes are spent on measuring.
  package func check() throws {
    for path in [json, csv, svg].compactMap({ $0 }) {
      var isDirectory: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      guard !isDirectory.boolValue else {
        throw Failure(.inputOutput, at: path, "expected a file to write, found a directory", cure: "name a file in it")
      }
      let folder = (path as NSString).deletingLastPathComponent
      let place = exists ? path : folder.isEmpty ? "." : folder
      guard access(place, W_OK) == 0 else {
        throw Failure.system("write", path, errno: errno, cure: "name a file in a directory that can be written to")
      }
    }
  }

  func write(_ records: [Record], plot: @autoclosure () -> String) throws {
    if let json { try jsonText(records).write(toRunFile: json) }
    if let csv { try csvText(records).write(toRunFile: csv) }
    if let svg { try plot().write(toRunFile: svg) }
  }

  /// Writes the results of the benchmark of training.
  package func write(_ results: [CaseResult]) throws {
    try write(results.map(\.record), plot: scalingPlot(of: results))
  }
}
