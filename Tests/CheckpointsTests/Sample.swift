import Checkpoints
import Diagnostics
import Foundation
import Synchronization
import Tensors
import Testing

/// A directory of its own for one test, deleted at the end.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let path = FileManager.default.temporaryDirectory.path + "/checkpoints-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// The line that `body` fails with; empty where it does not fail.
func message(_ code: ExitCode, _ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch let failure as Failure {
    #expect(failure.code == code, "\(failure)")
    return failure.description
  } catch {
    Issue.record("\(error) is no Failure")
    return ""
  }
}

/// A small model whose values depend on `step`.
struct Sample: Sendable {
  let buffer: FlatBuffer
  let layout: ParameterLayout
  let step: Int

  init(step: Int, variant: Int = 0) {
    var layout = ParameterLayout()
    layout.append("0.weight", [2, 3])
    layout.append("0.bias", [2])
    layout.append("scale", [])
    buffer = FlatBuffer(count: layout.count)
    self.layout = layout
    self.step = step
    for slot in layout.slots {
      buffer.view[slot.range].assign(slot.range.map { Float($0) + Float(step) / 7 + Float(variant) })
    }
  }

  var tensors: [NamedTensor] { layout.tensors(in: buffer.view) }
  var digest: Digest { Digest(of: buffer.view, layout: layout) }
  var record: RunRecord {
    RunRecord(
      step: step, epoch: 2, digest: digest, config: "batch: 8\n", programs: ["lockstep": "1.0"],
      classes: ["cat", "dög/\"x\""], metrics: ["loss": 0.1, "worst": .infinity, "gone": .nan])
  }
  var contents: [String: CheckpointStore.Content] {
    ["model.safetensors": .tensors(tensors, metadata: ["step": "\(step)"]), "extra.bin": .bytes([1, 2, 3])]
  }

  /// Saves as a run does, on a writer's thread.
  @discardableResult
  func save(_ directory: String, keeping: Int = 2, files: FileSystem = .real) throws -> CheckpointStore.Saved {
    let writer = CheckpointWriter(try CheckpointStore(directory: directory, keeping: keeping, files: files))
    writer.begin { [self] in try $0.save(contents, record: record) }
    return try #require(try writer.finish())
  }

  /// Whether `checkpoint` holds exactly this.
  func matches(_ checkpoint: Checkpoint?) throws -> Bool {
    guard let checkpoint, checkpoint.record.step == step else { return false }
    let other = FlatBuffer(count: layout.count)
    try checkpoint.read("model.safetensors", into: layout.tensors(in: other.view))
    let extra = try checkpoint.bytes(of: "extra.bin")
    return Digest(of: other.view, layout: layout) == digest && checkpoint.record.digest == digest.description
      && extra == [1, 2, 3]
  }
}

func names(_ directory: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
}

func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
