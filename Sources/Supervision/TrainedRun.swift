import Checkpoints
import Diagnostics
import Foundation
import Tensors

/// A training that has ended, as its run directory tells of it.
struct TrainedRun {
  let directory: String
  /// The step of the newest whole checkpoint, and the parameters' digest in it.
  let step: Int
  let digest: String

  /// - Throws: internal (70) where the directory holds no whole checkpoint.
  init(_ directory: String) throws {
    guard let last = try Checkpoint.newest(in: directory).checkpoint else {
      throw Failure(.internal, at: directory, "expected a whole checkpoint, found none")
    }
    (self.directory, step, digest) = (directory, last.record.step, last.record.digest)
  }

  /// Where it left the way of another run: `from step 3, slot 1.weight on`; nil where every bit is the same.
  ///
  /// The first checkpoint that both have and that differs is named. Where there is none, the ends are compared all the
  /// same: `by the end (step 6)`.
  func difference(from reference: TrainedRun) throws -> String? {
    for step in 1...max(1, min(step, reference.step)) {
      let paths = [reference, self].map { CheckpointStore.path(ofStep: step, in: $0.directory) }
      // What a killed run had no time to write has nothing to tell.
      guard paths.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) else { continue }
      let (a, b) = (try Checkpoint(verifying: paths[0]), try Checkpoint(verifying: paths[1]))
      guard a.record.digest != b.record.digest else { continue }
      return "from step \(step)" + (try Self.slot(a, b).map { ", slot \($0)" } ?? "") + " on"
    }
    guard step == reference.step else { return "by its end at step \(step), expected step \(reference.step)" }
    return digest == reference.digest ? nil : "by the end (step \(step))"
  }

  /// The first slot whose bytes differ; nil where the files tell of none.
  private static func slot(_ a: Checkpoint, _ b: Checkpoint) throws -> String? {
    let tensors = try [a, b].map { checkpoint in
      let file = try SafeTensorsFile("\(checkpoint.path)/model.safetensors")
      let tensors = file.entries.map { NamedTensor($0.name, $0.shape, FlatBuffer(count: $0.shape.count).view) }
      try file.read(into: tensors)
      return tensors
    }
    return zip(tensors[0], tensors[1]).first { !$0.view.bytes.elementsEqual($1.view.bytes) }?.0.name
  }
}
