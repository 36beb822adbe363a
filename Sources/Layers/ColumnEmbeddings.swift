import Kernels
import Tensors

// B micro-batch, F features of a sample, E numbers that they become, D numbers of a learned row.

/// Learned rows in the place of features that are places of words; other features stay: F features become E.
///
/// E is F, less one for each such feature, and D more. Features have no gradient by way of their rows. The first row, of
/// words that nobody knows, starts at 0, the others from a normal distribution of deviation 1, as in PyTorch's Embedding.
/// Backward adds the gradients of a row in the order of the samples.
public struct ColumnEmbeddings: Layer {
  public static let kind = "column-embeddings"
  /// In the order of the features.
  package let columns: [EmbeddedColumn]

  /// One for each feature that is a place, in their order.
  public init(_ columns: [EmbeddedColumn]) {
    precondition(
      !columns.isEmpty && zip(columns, columns.dropFirst()).allSatisfy { $0.feature < $1.feature },
      "columns in the order of their features, found \(columns.map(\.feature))")
    self.columns = columns
  }

  public var ownName: String? { "embeddings" }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 1, columns.last!.feature < input.count else {
      throw ShapeError(Self.kind, expected: "a row of more than \(columns.last!.feature) features", found: input)
    }
    return [columns.reduce(input.count) { $0 - 1 + $1.dimensions }]
  }

  public func parameters(for input: Shape) -> [Parameter] {
    columns.map { column in
      Parameter(
        "\(column.name).weight", [column.rows, column.dimensions], .embedding, fanIn: column.rows,
        fanOut: column.dimensions)
    }
  }

  public var backwardReads: BackwardReads { .input }
  public func bind(_ binding: Binding) -> any BoundLayer { BoundColumnEmbeddings(columns, binding) }
}

private struct BoundColumnEmbeddings: BoundLayer {
  /// Columns of the input, and where they are in the output.
  private struct Run {
    let from: Int, to: Int, width: Int
  }

  private let x: Int, y: Int, index: Int
  private let B: Int, F: Int, E: Int
  /// Features that stay as they are.
  private let kept: [Run]
  /// Those in whose place a row comes, of `width` numbers, and the slots of the rows.
  private let places: [(run: Run, slot: Int)]
  let sparseSlots: [(slot: Int, width: Int)]
  private let wantsInputGradient: Bool

  init(_ columns: [EmbeddedColumn], _ binding: Binding) {
    (x, y, index, B) = (binding.input, binding.output, binding.index, binding.microBatch)
    (F, E) = (binding.inputShape.count, binding.outputShape.count)
    wantsInputGradient = binding.wantsInputGradient
    var (kept, places) = ([Run](), [(run: Run, slot: Int)]())
    var (from, to) = (0, 0)
    func keep(upTo end: Int) {
      if from < end { kept.append(Run(from: from, to: to, width: end - from)) }
      (from, to) = (end, to + end - from)
    }
    for (column, slot) in zip(columns, binding.slots) {
      keep(upTo: column.feature)
      places.append((Run(from: from, to: to, width: column.dimensions), slot))
      (from, to) = (from + 1, to + column.dimensions)
    }
    keep(upTo: F)
    (self.kept, self.places) = (kept, places)
    sparseSlots = zip(columns, places).compactMap { column, place in
      TouchedRows.pay(column.rows, for: binding.microBatch) ? (place.slot, column.dimensions) : nil
    }
  }

  var workspace: Workspace {
    // The places of a column, and a row for each.
    let count = B * (1 + (places.map(\.run.width).max() ?? 0))
    return Workspace(forward: count, backward: count)
  }

  func forward(_ lane: borrowing Lane) {
    let (x, y, scratch) = (lane.values[x], lane.values[y], lane.forwardScratch[index])
    for run in kept {
      Kernels.copyColumns(x, columns: F, first: run.from, into: y, columns: E, first: run.to, width: run.width)
    }
    for (run, slot) in places {
      let (words, rows) = (scratch[0..<B], scratch[B..<B * (1 + run.width)])
      Kernels.copyColumns(x, columns: F, first: run.from, into: words, columns: 1, first: 0, width: 1)
      Kernels.embed(words, table: lane.parameters[slot], width: run.width, into: rows)
      Kernels.copyColumns(rows, columns: run.width, first: 0, into: y, columns: E, first: run.to, width: run.width)
    }
  }

  func backward(_ lane: borrowing Lane) {
    let (x, dy, scratch) = (lane.values[x], lane.gradients[y], lane.backwardScratch[index])
    for (run, slot) in places {
      let (words, rows) = (scratch[0..<B], scratch[B..<B * (1 + run.width)])
      Kernels.copyColumns(x, columns: F, first: run.from, into: words, columns: 1, first: 0, width: 1)
      Kernels.copyColumns(dy, columns: E, first: run.to, into: rows, columns: run.width, first: 0, width: run.width)
      lane.embedBackward(rows, tokens: words, width: run.width, slot: slot)
    }
    guard wantsInputGradient else { return }
    let dx = lane.gradients[self.x]
    dx.clear()
    for run in kept {
      Kernels.copyColumns(dy, columns: E, first: run.to, into: dx, columns: F, first: run.from, width: run.width)
    }
  }
}
