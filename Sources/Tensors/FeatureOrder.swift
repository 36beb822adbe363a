/// The order of an activation's features in PyTorch, where they lie in another one in memory.
///
/// A picture lies in memory as H×W×C, and PyTorch has it as C×H×W: flattened, feature `p·C + c` of memory is feature
/// `c·P + p` there, P = H·W. Several pictures and plain features side by side are pieces, one after the other.
public struct FeatureOrder: Hashable, Sendable {
  /// P positions of C channels each; where one of them is 1, memory and PyTorch agree.
  struct Piece: Hashable {
    var positions: Int
    var channels: Int
    var count: Int { positions * channels }
    var isPlain: Bool { positions == 1 || channels == 1 }
  }

  /// Neighbours that are plain are one piece, so that equal orders are equal values.
  private(set) var pieces: [Piece] = []

  /// The order of memory.
  package static func plain(_ count: Int) -> FeatureOrder { FeatureOrder([Piece(positions: 1, channels: count)]) }

  /// Of a flattened picture of H×W×C.
  package static func picture(_ shape: Shape) -> FeatureOrder {
    precondition(shape.rank == 3, "a picture is height×width×channels, found \(shape)")
    return FeatureOrder([Piece(positions: shape[0] * shape[1], channels: shape[2])])
  }

  /// Of features side by side.
  package static func joined(_ orders: [FeatureOrder]) -> FeatureOrder { FeatureOrder(orders.flatMap(\.pieces)) }

  private init(_ all: [Piece]) {
    for piece in all {
      if piece.isPlain, let last = pieces.last, last.isPlain {
        pieces[pieces.count - 1] = Piece(positions: 1, channels: last.count + piece.count)
      } else {
        pieces.append(piece.isPlain ? Piece(positions: 1, channels: piece.count) : piece)
      }
    }
  }

  /// How many features there are.
  package var count: Int { pieces.reduce(0) { $0 + $1.count } }

  /// Whether memory has the features as PyTorch has them.
  package var isPlain: Bool { pieces.allSatisfy(\.isPlain) }

  /// The place in memory of each of PyTorch's features, in its order.
  package var places: [Int] {
    var (places, start) = ([Int](), 0)
    places.reserveCapacity(count)
    for piece in pieces {
      for channel in 0..<piece.channels {
        for position in 0..<piece.positions { places.append(start + position * piece.channels + channel) }
      }
      start += piece.count
    }
    return places
  }
}
