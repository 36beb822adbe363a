import Checkpoints
import Tensors
import TestSupport
import Testing

@testable import Supervision

@Suite struct TrainedRunTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  /// A run with a checkpoint of each step in `parameters`, of two slots of one float each.
  private func trained(_ name: String, _ parameters: [Int: [Float]]) throws -> TrainedRun {
    let store = try CheckpointStore(directory: folder[name], keeping: parameters.count)
    var layout = ParameterLayout()
    layout.append("0.weight", [1])
    layout.append("0.bias", [1])
    for (step, values) in parameters.sorted(by: { $0.key < $1.key }) {
      let buffer = FlatBuffer(count: layout.count)
      for (slot, value) in zip(layout.slots, values) { buffer.view[slot.range].assign([value]) }
      let record = RunRecord(
        step: step, epoch: 1, digest: Digest(of: buffer.view, layout: layout), config: "")
      try store.save(["model.safetensors": .tensors(layout.tensors(in: buffer.view))], record: record)
    }
    return try TrainedRun(folder[name])
  }

  @Test func theSameBits() throws {
    let reference = try trained("a", [1: [1, 1], 2: [2, 2], 3: [3, 3]])
    // A run that was killed has not written every step.
    #expect(try trained("b", [3: [3, 3]]).difference(from: reference) == nil)
    #expect(try reference.difference(from: reference) == nil)
  }

  @Test func theFirstStepAndSlotThatDifferAreNamed() throws {
    let reference = try trained("a", [1: [1, 1], 2: [2, 2], 3: [3, 3]])
    #expect(
      try trained("b", [1: [1, 1], 2: [2, 9], 3: [9, 9]]).difference(from: reference) == "from step 2, slot 0.bias on")
    #expect(
      try trained("c", [2: [2, 2], 3: [-3, 3]]).difference(from: reference) == "from step 3, slot 0.weight on")
  }

  /// No checkpoint that both have tells of it, and it is a difference nevertheless.
  @Test func theEndsAreComparedWhereNoStepTells() throws {
    let reference = try trained("a", [1: [1, 1], 3: [3, 3]])
    #expect(
      try trained("b", [1: [1, 1], 2: [2, 2]]).difference(from: reference) == "by its end at step 2, expected step 3")
    #expect(
      try trained("c", [1: [1, 1], 4: [3, 3]]).difference(from: reference) == "by its end at step 4, expected step 3")
    // The checkpoint that tells is gone by the time of the comparison.
    let other = try trained("d", [3: [9, 9]])
    try folder.remove("d")
    #expect(try other.difference(from: reference) == "by the end (step 3)")
  }
}
