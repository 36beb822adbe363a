import Communication
import Tensors

/// The optimizer's buffers for the slices that this rank owns, packed one slice after the other.
final class OptimizerState: @unchecked Sendable {
  let names: [String]
  private let ranges: [Range<Int>]
  private let buffers: [FlatBuffer]

  /// One buffer a name, for the owned `ranges` of the flat buffer, ascending.
  init(names: [String], ranges: [Range<Int>]) {
    self.names = names
    self.ranges = ranges
    let count = ranges.reduce(0) { $0 + $1.count }
    buffers = names.map { _ in FlatBuffer(count: count) }
  }

  /// The parts of all buffers that belong to `range` of the flat buffer, which lies in one owned range.
  func views(_ range: Range<Int>) -> [FloatView] {
    var start = 0
    for owned in ranges {
      if owned.lowerBound <= range.lowerBound, range.upperBound <= owned.upperBound, !owned.isEmpty {
        let place = start + range.lowerBound - owned.lowerBound
        return buffers.map { $0.view[place..<place + range.count] }
      }
      start += owned.count
    }
    preconditionFailure("\(range) is not owned here")
  }

  /// Overwrites the owned parts from whole buffers in the parameters' layout.
  func load(_ whole: [FloatView]) {
    for range in ranges where !range.isEmpty {
      for (view, source) in zip(views(range), whole) { view.assign(source[range]) }
    }
  }

  /// Overwrites the owned parts of a whole buffer with buffer number `index`.
  func store(_ index: Int, into whole: FloatView) {
    for range in ranges where !range.isEmpty { whole[range].assign(views(range)[index]) }
  }
}

extension Trainer {
  /// The names of the optimizer's buffers.
  public var stateNames: [String] { state.names }

  /// The optimizer's buffers as a whole, in the parameters' layout, on every rank; all ranks call it.
  public func gatherState() throws -> [FlatBuffer] {
    try state.names.indices.map { index in
      let whole = FlatBuffer(count: plan.layout.count)
      state.store(index, into: whole.view)
      try reducer.collect(whole.view)
      return whole
    }
  }

  /// Takes the parts this rank owns from whole buffers in the parameters' layout.
  public func loadState(_ whole: [FlatBuffer]) {
    precondition(whole.count == state.names.count, "expected \(state.names.count) buffers, found \(whole.count)")
    state.load(whole.map(\.view))
  }
}
