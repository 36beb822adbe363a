import Communication
import Datasets
import Layers
import Losses
import Optimizers
import Tensors
import Testing

@testable import Training

/// Runs whose embeddings write the rows that occur, and runs that write whole tables: the same bits.
@Suite struct SparseRowsTests {
  /// Ten tokens a micro-batch, of 90: seven leaves a batch, an incomplete last one.
  private static let data = Dataset.noiseText(vocabulary: 90, length: 5, count: 45, seed: 4)

  private static func digest(
    _ embedding: any Layer, ranks: Int = 1, lanes: Int = 1, shared: Bool = true, bucket: Int = 1 << 20
  )
    throws -> Set<String>
  {
    let network = Network(input: [5], layers: [embedding, Dense(units: 7), ReLU(), Dense(units: 90)])
    let texts = try LocalWorld.run(ranks: ranks, sharesMemory: shared) { world in
      let trainer = try Trainer(
        plan: try network.plan(microBatch: 2), dataset: data,
        options: .init(
          batch: 14, seed: 3, loss: .crossEntropy, optimizer: .adamW(),
          schedule: Schedule(rate: 0.01, warmup: 0, shape: .constant, steps: 8), bucketSize: bucket,
          overlap: bucket == 1 ? .always : .never, lanes: lanes, cores: lanes > 1 ? lanes + 1 : 1),
        world: world)
      var text = ""
      for _ in 0..<8 { text += "\(try trainer.runStep().loss) " }
      return text + Digest(of: trainer.parameters, layout: trainer.plan.layout).hex
    }
    return Set(texts)
  }

  @Test(arguments: 1...5, [1, 2, 3])
  func sameBitsAsWholeTables(ranks: Int, lanes: Int) throws {
    let embedding = Embedding(vocabulary: 90, width: 6)
    let expected = try Self.digest(WholeTable(embedding))
    for (shared, bucket) in [(true, 1 << 20), (false, 1 << 20), (false, 1)] {
      let found = try Self.digest(embedding, ranks: ranks, lanes: lanes, shared: shared, bucket: bucket)
      #expect(found == expected, "shared memory: \(shared), buckets of \(bucket)")
    }
  }

  @Test func rowsAreKeptWhereFewOccur() throws {
    func kept(_ vocabulary: Int) throws -> [Bool] {
      let layers: [any Layer] = [Embedding(vocabulary: vocabulary, width: 6), Dense(units: 7)]
      return try Network(input: [5], layers: layers).plan(microBatch: 2).makeTouchedRows().map { $0 != nil }
    }
    #expect(try kept(20) == [true, false, false])
    #expect(try kept(19) == [false, false, false])
  }
}

/// An embedding whose backward pass knows of no rows.
private struct WholeTable: Layer {
  static let kind = "whole-table"
  let embedding: Embedding
  init(_ embedding: Embedding) { self.embedding = embedding }
  func outputShape(for input: Shape) throws -> Shape { try embedding.outputShape(for: input) }
  func parameters(for input: Shape) -> [Parameter] { embedding.parameters(for: input) }
  var backwardReads: BackwardReads { embedding.backwardReads }
  func bind(_ binding: Binding) throws -> any BoundLayer { Bound(layer: embedding.bind(binding)) }

  struct Bound: BoundLayer {
    let layer: any BoundLayer
    func forward(_ lane: borrowing Lane) { layer.forward(lane) }
    func backward(_ lane: borrowing Lane) { layer.backward(lane) }
  }
}
