import CKernels
import Tensors

// H×W×I inputs and P×Q×O outputs of a sample, channels last; windows of K_H×K_W elements.

/// A convolution of rows of bytes: each window is a row of K_H·K_W·I numbers, channels last.
///
/// A sample is rounded once, into a canvas with the byte of 0 around it; windows are gathered from there, some at a time.
package struct IntegerConvolution: Sendable {
  package let shape: ConvolutionShape
  private let windows: ck_integer_windows
  private let before: Plane<Int>
  private let canvas: Plane<Int>

  /// Windows at a time: as many rows as a product takes at once.
  private static let windowsAtATime = 96

  /// Of one group.
  package init(_ shape: ConvolutionShape) {
    precondition(shape.groups == 1, "expected one group, found \(shape.groups)")
    self.shape = shape
    let (padding, window) = (shape.window.padding(for: shape.input), shape.window)
    before = padding.before
    canvas = Plane(
      height: shape.input.height + padding.before.height + padding.after.height,
      width: shape.input.width + padding.before.width + padding.after.width)
    windows = ck_integer_windows(
      height: Int64(canvas.height), width: Int64(canvas.width), channels: Int64(shape.inputChannels),
      kernelHeight: Int64(window.kernel.height), kernelWidth: Int64(window.kernel.width),
      strideHeight: Int64(window.stride.height), strideWidth: Int64(window.stride.width),
      dilationHeight: Int64(window.dilation.height), dilationWidth: Int64(window.dilation.width),
      outputWidth: Int64(shape.output.width))
  }

  /// Numbers of a window.
  package var inputs: Int { Self.inputs(shape.window, channels: shape.inputChannels) }
  package static func inputs(_ window: Window, channels: Int) -> Int {
    window.kernel.height * window.kernel.width * channels
  }

  private var canvasBytes: Int { canvas.height * canvas.width * shape.inputChannels }
  /// Floats of scratch memory.
  package var scratchCount: Int {
    (canvasBytes + 63) / 64 * 16 + (Self.windowsAtATime * IntegerWeights.rowBytes(inputs) + 3) / 4
  }

  /// The weight, O×I×K_H×K_W, as rows of windows, channels last.
  package static func rows(_ weight: FloatView, outputs: Int, channels: Int) -> [Float] {
    let area = weight.count / (outputs * channels)
    var rows = [Float](repeating: 0, count: weight.count)
    for output in 0..<outputs {
      for channel in 0..<channels {
        for element in 0..<area {
          rows[(output * area + element) * channels + channel] = weight[(output * channels + channel) * area + element]
        }
      }
    }
    return rows
  }

  /// Overwrites y, samples × P×Q×O, from x, samples × H×W×I.
  package func forward(
    _ x: FloatView, by weights: IntegerWeights, bias: FloatView?, into y: FloatView, scratch: FloatView
  ) {
    precondition(x.count == shape.inputCount && y.count == shape.outputCount, "inputs or outputs of another size")
    precondition(scratch.count >= scratchCount, "\(scratchCount) floats of scratch memory, found \(scratch.count)")
    let bytes = UnsafeMutableRawPointer(scratch.base).assumingMemoryBound(to: UInt8.self)
    let rows = bytes + (canvasBytes + 63) / 64 * 64
    let (count, rowBytes) = (shape.output.height * shape.output.width, weights.rowBytes)
    var windows = windows
    for sample in 0..<shape.samples {
      round(x.base + sample * x.count / shape.samples, by: weights.scale, into: bytes)
      let outputs = y.base + sample * count * shape.outputChannels
      for first in stride(from: 0, to: count, by: Self.windowsAtATime) {
        let some = min(Self.windowsAtATime, count - first)
        ck_integer_gather(rows, Int64(rowBytes), bytes, &windows, Int64(first), Int64(some))
        weights.multiply(rows, rows: some, bias: bias, into: outputs + first * shape.outputChannels)
      }
    }
  }

  /// A sample in the middle of its canvas.
  private func round(_ x: UnsafePointer<Float>, by scale: ByteScale, into bytes: UnsafeMutablePointer<UInt8>) {
    let (row, canvasRow) = (shape.input.width * shape.inputChannels, canvas.width * shape.inputChannels)
    if canvas != shape.input { bytes.update(repeating: UInt8(scale.zero), count: canvasBytes) }
    for line in 0..<shape.input.height {
      let to = bytes + (line + before.height) * canvasRow + before.width * shape.inputChannels
      ck_integer_round(to, Int64(row), x + line * row, 1, Int64(row), scale.step, Int32(scale.zero))
    }
  }
}
