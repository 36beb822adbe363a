import Datasets
import Layers
import Tensors

extension RunConfiguration {
  /// The network of the configuration for samples of a shape: before its layers what learns rows for words, behind them what
  /// brings outputs to the targets' units.
  func network(input: Shape, _ schema: Schema) throws -> Network {
    let embeddings = schema.ends.embeddings
    let front: [any Layer] = embeddings.isEmpty ? [] : [ColumnEmbeddings(embeddings)]
    let scale: [any Layer] = schema.ends.targetScale.map { [Rescale(scale: $0.scale, offset: $0.offset)] } ?? []
    return Network(input: input, layers: front + layers + scale)
  }
}
