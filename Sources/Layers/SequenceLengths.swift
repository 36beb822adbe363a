import Diagnostics
import Tensors

// B samples of a micro-batch, T positions.

/// How many positions of each sample of a micro-batch are real: the first ones. Those behind them are padding, and count for
/// nothing.
///
/// The length of a sample is the position after its last token that is no padding; tokens like that before it are tokens as others.
/// A layer reads them as `lane.lengths[place][sample]`, where `Binding.lengths` is the place.
public struct SequenceLengths: Sendable {
  private let buffer: NumberBuffer<Int32>
  /// T
  public let positions: Int

  /// Of `samples` whole sequences.
  init(samples: Int, positions: Int) {
    buffer = NumberBuffer(count: samples, repeating: Int32(positions))
    self.positions = positions
  }

  /// Real positions of a sample, 0...T.
  public subscript(sample: Int) -> Int { Int(buffer.elements[sample]) }

  /// The same for kernels, B of them.
  package var elements: UnsafePointer<Int32> { UnsafePointer(buffer.elements.baseAddress!) }

  /// Overwrites them with those of `tokens`, B×T.
  func read(_ tokens: FloatView, padding: Int) {
    for sample in buffer.elements.indices {
      var length = positions
      while length > 0, tokens[sample * positions + length - 1] == Float(padding) { length -= 1 }
      buffer.elements[sample] = Int32(length)
    }
  }

  /// Makes all positions real.
  func fill() { buffer.elements.update(repeating: Int32(positions)) }
}

/// Tokens whose sequence ends before the last position where padding follows: what lengths are read from.
package struct PaddedTokens: Equatable, Sendable {
  /// Where the tokens are.
  enum Place: Equatable, Sendable {
    /// Features of a sample as they came.
    case features(Range<Int>)
    /// A tensor of the graph.
    case tensor(Int)
  }
  let tokens: Place
  package let padding: Int
  /// T
  package let positions: Int
}

extension Graph {
  /// The sequence of branches that are joined position by position: one of them may have ends and the others none. Throws where they
  /// end in different places.
  func commonSequence(of ends: [Int], _ combinator: any Combinator, _ path: String) throws -> Int? {
    let all = Set(ends.compactMap { tensors[$0].sequence })
    guard all.count > 1 else { return all.first }
    let paddings = all.sorted().map { "\(sequences[$0].padding)" }
    throw Failure(
      .badConfiguration, at: "model.\(path) (\(type(of: combinator).kind))",
      "expected branches whose sequences end alike, found those of several tokens, padded with "
        + paddings.joined(separator: " and "),
      cure: "make one row of each before they are joined, or let one embedding alone have padding")
  }
}
