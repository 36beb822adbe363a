/// Rows and columns: an extent, a step or a distance along the two axes of an image.
package struct Plane<Value: Sendable & Hashable>: Sendable, Hashable {
  package var height: Value
  package var width: Value

  package init(height: Value, width: Value) {
    self.height = height
    self.width = width
  }

  /// The same along both axes.
  package init(_ both: Value) { self.init(height: both, width: both) }

  /// Applies `transform` along each axis to the values of both planes.
  package func combined<Other, Result>(
    with other: Plane<Other>, _ transform: (Value, Other) -> Result
  ) -> Plane<Result> {
    Plane<Result>(height: transform(height, other.height), width: transform(width, other.width))
  }
}

extension Plane: CustomStringConvertible {
  /// `3×3`
  package var description: String { "\(height)×\(width)" }
}

/// How a window moves over an image, as PyTorch's convolutions and pools have it.
public struct Window: Sendable, Hashable {
  /// Elements of the window.
  package var kernel: Plane<Int>
  /// Elements of the input from one window to the next.
  package var stride: Plane<Int>
  /// Elements of the input from one element of the window to the next: 1 where it is dense.
  package var dilation: Plane<Int>
  /// Rows and columns beside the input.
  package var padding: Padding

  /// What lies beside the input.
  package enum Padding: Sendable, Hashable {
    /// As much before as after.
    case both(Plane<Int>)
    /// As much as makes ⌈input / stride⌉ windows; where that is odd, the larger half comes after the input.
    case same
    /// All of it before the input, along both axes, so that no window sees behind its place: ⌈input / stride⌉ windows.
    case causal
  }

  package init(
    kernel: Plane<Int>, stride: Plane<Int> = Plane(1), dilation: Plane<Int> = Plane(1),
    padding: Padding = .both(Plane(0))
  ) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
  }

  /// Elements of the input from a window's first to its last, both counted.
  package var reach: Plane<Int> { kernel.combined(with: dilation) { ($0 - 1) * $1 + 1 } }

  /// How many windows there are on an input; 0 or less where it is smaller than one.
  package func output(for input: Plane<Int>) -> Plane<Int> {
    switch padding {
    case .same, .causal: input.combined(with: stride) { ($0 + $1 - 1) / $1 }
    case .both(let each):
      input.combined(with: each) { $0 + 2 * $1 }.combined(with: reach) { $0 - $1 }
        .combined(with: stride) { $0 < 0 ? 0 : $0 / $1 + 1 }
    }
  }

  /// The padding on each side of an input.
  package func padding(for input: Plane<Int>) -> (before: Plane<Int>, after: Plane<Int>) {
    switch padding {
    case .both(let each): return (each, each)
    case .causal: return (reach.combined(with: reach) { reach, _ in reach - 1 }, Plane(0))
    case .same: break
    }
    let last = output(for: input).combined(with: stride) { ($0 - 1) * $1 }
    let total = last.combined(with: reach, +).combined(with: input) { max(0, $0 - $1) }
    return (
      total.combined(with: total) { total, _ in total / 2 }, total.combined(with: total) { total, _ in (total + 1) / 2 }
    )
  }
}
