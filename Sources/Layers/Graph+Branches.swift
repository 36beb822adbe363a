import Diagnostics
import Tensors

extension Graph {
  /// The memory that a layer reads: each of its readers has a tensor of its own.
  mutating func nextMemory(for layer: any Layer, _ path: String) throws -> Int {
    guard let nearest = memories.indices.last else {
      throw Failure(
        .badConfiguration, at: "model.\(path) (\(type(of: layer).kind))",
        "expected an encoder-decoder around it, in whose decoder it stands, found none",
        cure: "write encoder-decoder: {encoder: […], decoder: […]}, or take attention, which reads its own input")
    }
    return memories[nearest].removeFirst()
  }

  /// The encoder, and the decoder whose layers read what it makes.
  mutating func append(_ block: EncoderDecoder, to input: Int, path: String) throws -> Int {
    let readers = block.readers
    guard readers > 0 else {
      throw Failure(
        .badConfiguration, at: "model.\(path) (\(EncoderDecoder.kind))",
        "expected a cross-attention in its decoder, found none that reads the encoder",
        cure: "add {cross-attention: {heads: 4}} to it, or take the decoder's layers alone")
    }
    let heads = fork(input, to: 2, path)
    let memory = try append(block.encoder, to: heads[0], path: "\(path).0.")
    memories.append(readers > 1 ? fork(memory, to: readers, path) : [memory])
    defer { memories.removeLast() }
    return try append(block.decoder, to: heads[1], path: "\(path).1.")
  }

  mutating func append(_ combinator: any Combinator, to input: Int, path: String) throws -> Int {
    let branches = combinator.branches
    guard let join = combinator.join else { return try append(branches[0], to: input, path: "\(path).") }
    let heads = fork(input, to: branches.count, path)
    let isSingle = branches.count { !$0.isEmpty } == 1
    let ends = try branches.enumerated().map { number, layers in
      try append(layers, to: heads[number], path: isSingle ? "\(path)." : "\(path).\(number).")
    }
    let shape = try Self.located(combinator, path) { try combinator.joinedShape(ends.map { tensors[$0].shape }) }
    return add(
      .join(join), path, ends, shape, learns: ends.contains { tensors[$0].learns },
      sequence: shape.rank == 2 ? try commonSequence(of: ends, combinator, path) : nil)
  }

  /// Tensors for several readers of one, in its memory.
  mutating func fork(_ tensor: Int, to readers: Int, _ path: String) -> [Int] {
    let heads = (0..<readers).map { tensors.count + $0 }
    for _ in heads { tensors.append(tensors[tensor]) }
    operations.append(Operation(action: .fork, path: path, inputs: [tensor], outputs: heads))
    return heads
  }
}
