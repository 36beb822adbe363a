import Configuration
import Kernels
import Tensors

/// How the window of a transposed convolution moves over its output, as in PyTorch's `ConvTranspose2d`.
package struct TransposedWindow: Sendable, Hashable {
  package let kernel: Plane<Int>
  package let stride: Plane<Int>
  /// Rows and columns that are left out on each side of the output.
  package let padding: Plane<Int>
  /// Rows and columns behind the output, fewer than the stride.
  package let outputPadding: Plane<Int>
  package let dilation: Plane<Int>

  /// Of the convolution that makes inputs of outputs.
  var asConvolution: Window {
    Window(kernel: kernel, stride: stride, dilation: dilation, padding: .both(padding))
  }

  /// Extents that cannot be are a programmer's mistake.
  func check() {
    asConvolution.check()
    precondition(
      hasFittingPadding && outputPadding.height >= 0 && outputPadding.width >= 0,
      "the output padding is smaller than the stride (\(stride)), found \(outputPadding)")
  }

  /// Whether the output padding is what a convolution's stride leaves over.
  var hasFittingPadding: Bool { outputPadding.height < stride.height && outputPadding.width < stride.width }

  /// The extents that a transposed convolution makes of `input`; throws where there is nothing left of them.
  func output(for input: Plane<Int>, of layer: String, found shape: Shape) throws -> Plane<Int> {
    let reach = asConvolution.reach
    let whole = input.combined(with: stride) { ($0 - 1) * $1 }.combined(with: reach, +)
    let output = whole.combined(with: padding) { $0 - 2 * $1 }.combined(with: outputPadding, +)
    guard output.height > 0, output.width > 0 else {
      throw ShapeError(layer, expected: "samples of which its padding (\(padding)) leaves something", found: shape)
    }
    return output
  }

  /// The last of `extent` rows that a row of the output is a sum of; 0 where there is none.
  func last(at row: Int, of extent: Int, kernel: Int, stride: Int, dilation: Int, padding: Int) -> Int {
    for element in 0..<kernel {
      let place = row + padding - element * dilation
      if place >= 0, place % stride == 0, place / stride < extent { return place / stride }
    }
    return 0
  }
}

extension ConfigReader {
  /// Refuses an output padding that no convolution's stride leaves over.
  func require(_ window: TransposedWindow) throws {
    guard window.hasFittingPadding else {
      throw failure(
        at: "output-padding",
        "expected fewer rows and columns than the stride (\(window.stride)), found \(window.outputPadding)",
        cure: "make it smaller, or the stride larger")
    }
  }
}
