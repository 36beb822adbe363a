import CZlibSystem
import Datasets
import Diagnostics
import Foundation
import Tensors
import Testing

/// A folder that goes with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "lockstep-datasets-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func write(_ bytes: some Sequence<UInt8>, _ name: String = "data") throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  func write(_ text: String, _ name: String = "data.csv") throws -> String { try write(text.utf8, name) }
}

/// `bytes` as one gzip member, written by zlib.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
  let path = NSTemporaryDirectory() + "lockstep-\(UUID().uuidString).gz"
  defer { try? FileManager.default.removeItem(atPath: path) }
  let file = try #require(gzopen(path, "wb"))
  #expect(gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count))
  #expect(gzclose(file) == Z_OK)
  return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// Checks that `body` throws a failure of `code` in one line that has all of `parts` in it.
func expectFailure(
  _ code: ExitCode = .badData, _ parts: String..., at location: SourceLocation = #_sourceLocation,
  _ body: () throws -> some Any
) {
  do {
    _ = try body()
    Issue.record("expected a failure with \(parts)", sourceLocation: location)
  } catch let failure as Failure {
    #expect(failure.code == code, "\(failure)", sourceLocation: location)
    #expect(!failure.description.contains("\n"), sourceLocation: location)
    for part in parts {
      #expect(failure.description.contains(part), "'\(part)' is not in: \(failure)", sourceLocation: location)
    }
  } catch {
    Issue.record("expected a Failure, found \(error)", sourceLocation: location)
  }
}

extension Dataset {
  /// The features of `samples` as `gather` gives them.
  func gathered(_ samples: [Int], _ standardisation: Standardisation? = nil) -> [Float] {
    let buffer = FlatBuffer(count: samples.count * shape.count)
    buffer.view.assign([Float](repeating: .nan, count: buffer.count))
    // What does not fit is a mistake of the test.
    let data = try! transformed(by: standardisation.map { [$0] } ?? [])
    samples.withUnsafeBufferPointer { data.gather($0, into: buffer.view) }
    return buffer.view.array
  }
}
