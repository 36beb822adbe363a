import Checkpoints
import Datasets
import Foundation
import Layers
import Tensors
import TestSupport
import Testing

@testable import Lockstep

/// Checkpoints of networks with a flattened picture: in PyTorch's order since format 2, in that of memory before.
@Suite struct StoredOrderTests {
  private static let yaml = """
    data: {noise: {shape: [6, 6, 1], classes: 3, count: 96}}
    standardise: none
    model:
      - convolution: {channels: 4, kernel: 3}
      - relu
      - flatten
      - batch-norm
      - residual: {body: [{dense: 64}, relu]}
      - dense: 3
    optimizer: {adam: 0.01}
    ema: {decay: 0.9}
    batch: 16
    micro-batch: 8
    epochs: 2
    checkpoint-every: 6
    keep-checkpoints: 99
    """

  private func tensors(_ checkpoint: String, _ file: String) throws -> [String: [Float]] {
    let file = try SafeTensorsFile("\(checkpoint)/\(file)")
    let tensors = file.entries.map { NamedTensor($0.name, $0.shape, FlatBuffer(count: $0.shape.count).view) }
    try file.read(into: tensors)
    return Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.view.array) })
  }

  /// The dense layers' columns, the normalisation's slots and the rows that the residual adds: parameters, average and
  /// optimizer alike.
  @Test func filesAreInPyTorchsOrder() throws {
    let folder = try Folder()
    try train(folder.write("cnn.yaml", Self.yaml), in: folder["run"])
    let model = try Model(folder["run"])
    #expect(model.record.format == 3)
    let layout = model.plan.layout
    #expect(
      layout.slots.filter(\.isReordered).map(\.name) == [
        "3.weight", "3.bias", "3.running_mean", "3.running_var", "4.0.weight", "4.0.bias", "5.weight",
      ])
    let average = try tensors(model.path, "ema.safetensors")
    let places = FeatureOrder.picture([4, 4, 4]).places
    // The model holds the average, in the order of memory.
    let memory = Dictionary(
      uniqueKeysWithValues: layout.slots.map { ($0.name, model.parameters.view[$0.range].array) })
    #expect(average["0.weight"] == memory["0.weight"])
    #expect(average["3.running_var"] == places.map { memory["3.running_var"]![$0] })
    /// Rows of 64 numbers, those of each in PyTorch's order.
    func reordered(_ numbers: [Float], rows: [Int]) -> [Float] {
      rows.flatMap { (row: Int) -> [Float] in places.map { (place: Int) -> Float in numbers[row * 64 + place] } }
    }
    #expect(average["5.weight"] == reordered(memory["5.weight"]!, rows: [0, 1, 2]))
    #expect(average["4.0.weight"] == reordered(memory["4.0.weight"]!, rows: places))
    let checkpoint = try Checkpoint.load(model.path).checkpoint
    let buffers = (0..<4).map { _ in FlatBuffer(count: layout.count) }
    try checkpoint.readParameters(into: buffers[0].view, layout: layout)
    try checkpoint.readState(["m", "v", "ema"].map { .sharded($0) }, into: Array(buffers[1...]), layout: layout)
    let (own, optimizer) = (
      try tensors(model.path, "model.safetensors"), try tensors(model.path, "optimizer.safetensors")
    )
    let slot = try #require(layout.slots.first(where: { $0.name == "5.weight" }))
    for (buffer, stored) in zip(
      buffers, [own["5.weight"], optimizer["m.5.weight"], optimizer["v.5.weight"], optimizer["ema.5.weight"]])
    {
      let weight = buffer.view[slot.range].array
      #expect(stored == reordered(weight, rows: [0, 1, 2]))
      #expect(stored != weight)
    }
  }

  /// A checkpoint of format 1 evaluates the same, and a run goes on from it to the same digest.
  @Test func checkpointsOfTheFirstFormatAreReadRightly() throws {
    let folder = try Folder()
    let recipe = try folder.write("cnn.yaml", Self.yaml)
    let digest = try train(recipe, in: folder["whole"])
    let middle = try Model(folder["whole/step-00000006"])
    try folder.copy("whole", to: "old")
    for name in folder.names("old") where name.hasPrefix("step-") { try folder.remove("old/\(name)") }
    try saveAsFormat1(folder["whole/step-00000006"], layout: middle.plan.layout, into: folder["old"])

    let old = try Model(folder["old"])
    #expect(old.record.format == 1 && old.record.digest != middle.record.digest)
    #expect(old.parameters.view.array == middle.parameters.view.array)
    #expect(try old.evaluate(old.trainingData()).loss == middle.evaluate(middle.trainingData()).loss)
    #expect(try train(recipe, in: folder["old"], ranks: 2, start: .resume) == digest)
    let (now, then) = (try Model(folder["old"]).record, try Model(folder["whole"]).record)
    #expect(now.format == 3 && now.files == then.files)
  }

  /// Writes the same numbers as programs did before: in the order of memory, with the digest of that.
  private func saveAsFormat1(_ path: String, layout: ParameterLayout, into directory: String) throws {
    let checkpoint = try Checkpoint.load(path).checkpoint
    let slots = ["m", "v", "ema"].map { StateSlot.sharded($0) }
    let buffers = (0..<5).map { _ in FlatBuffer(count: layout.count) }
    try checkpoint.readParameters(into: buffers[0].view, layout: layout)
    try checkpoint.readAverage(into: buffers[1].view, layout: layout)
    try checkpoint.readState(slots, into: Array(buffers[2...]), layout: layout)
    let memory = layout.inMemoryOrder
    var record = checkpoint.record
    record.digest = Digest(of: buffers[0].view, layout: memory).description
    let saved = try CheckpointStore(directory: directory, keeping: 9).save(
      Checkpoint.contents(
        parameters: buffers[0].view, state: Array(buffers[2...]), stateSlots: slots, average: buffers[1].view,
        transforms: [], files: [], preparation: nil, layout: memory), record: record
    ).path
    // The record's own checksum is taken while its digits are zeros.
    var text = try String(contentsOfFile: "\(saved)/run.json", encoding: .utf8)
    text = text.replacing("\"format\" : 3", with: "\"format\" : 1")
    let zeros = String(repeating: "0", count: 64)
    text = text.replacing(#/("checksum" : "sha256:)[0-9a-f]{64}"/#) { "\($0.1)\(zeros)\"" }
    let sum = text.withUTF8 { Digest(of: UnsafeRawBufferPointer($0)) }.hex
    text = text.replacing("\"checksum\" : \"sha256:\(zeros)", with: "\"checksum\" : \"sha256:\(sum)")
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(saved)/run.json"))
  }

  /// What a checkpoint cannot say in PyTorch's order is refused before training.
  @Test func ordersThatConflictAreRefused() throws {
    let folder = try Folder()
    let recipe = try folder.write("cnn.yaml", Self.yaml)
    let refused = failure {
      try train(recipe, ["model.3={select: {first: 0, count: 9}}", "model.4=relu"], in: folder["run"])
    }
    #expect(refused?.code == .badConfiguration)
    #expect(refused?.description.contains("model.3 (select): expected features in one order, found those of a") == true)
  }
}

extension Model {
  /// The data that the run was trained on.
  fileprivate func trainingData() throws -> Dataset {
    try configuration.data.read(.train, seed: configuration.seed, like: nil)!
  }
}
