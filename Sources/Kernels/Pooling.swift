import CKernels
import Tensors

/// The extents of a pool over one micro-batch. Samples are H×W×C, channels last.
package struct PoolingShape: Sendable, Hashable {
  package var samples: Int
  package var input: Plane<Int>
  package var channels: Int
  package var window: Window

  package init(samples: Int, input: Plane<Int>, channels: Int, window: Window) {
    precondition(window.dilation == Plane(1), "a pool's window is dense, found a dilation of \(window.dilation)")
    self.samples = samples
    self.input = input
    self.channels = channels
    self.window = window
  }

  package var output: Plane<Int> { window.output(for: input) }
  /// Floats of all samples.
  package var inputCount: Int { samples * input.height * input.width * channels }
  package var outputCount: Int { samples * output.height * output.width * channels }

  /// Floats of memory that hold the places of a max-pool, a byte an output.
  package var placesCount: Int { (outputCount + 3) / 4 }

  fileprivate var table: ck_pooling {
    ck_pooling(
      samples: Int64(samples), channels: Int64(channels), input: input.axes, output: output.axes,
      kernel: window.kernel.axes, stride: window.stride.axes, padding: window.padding(for: input).before.axes)
  }

  fileprivate func check(_ x: FloatView, _ y: FloatView) {
    precondition(
      x.count == inputCount && y.count == outputCount,
      "\(x.count) inputs and \(y.count) outputs, expected \(inputCount) and \(outputCount)")
  }

  fileprivate func bytes(of places: FloatView) -> UnsafeMutablePointer<UInt8> {
    let area = window.kernel.height * window.kernel.width
    precondition(
      area <= Kernels.largestWindow, "a window of \(area), at most \(Kernels.largestWindow) can be told apart")
    precondition(places.count >= placesCount, "\(places.count) floats of places, expected \(placesCount)")
    return places.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
  }
}

extension Kernels {
  /// The most elements that a max-pool's window may have.
  package static let largestWindow = Int(CK_LARGEST_WINDOW)

  /// Overwrites `y` with the largest element of each window, and `places` with which it was, for the backward pass.
  package static func maxPool(_ x: FloatView, shape: PoolingShape, into y: FloatView, places: FloatView) {
    shape.check(x, y)
    withUnsafePointer(to: shape.table) { ck_max_pool_forward(y.base, shape.bytes(of: places), x.base, $0) }
  }

  /// Overwrites `dx`: each element gets the gradients of the windows where it was the largest.
  package static func maxPoolBackward(_ dy: FloatView, places: FloatView, shape: PoolingShape, into dx: FloatView) {
    shape.check(dx, dy)
    withUnsafePointer(to: shape.table) { ck_max_pool_backward(dx.base, dy.base, shape.bytes(of: places), $0) }
  }

  /// Overwrites `y` with the mean of each window; padding counts as zeros.
  package static func averagePool(_ x: FloatView, shape: PoolingShape, into y: FloatView) {
    shape.check(x, y)
    withUnsafePointer(to: shape.table) { ck_average_pool_forward(y.base, x.base, $0) }
  }

  /// Overwrites `dx`: each element gets its share of the gradients of its windows.
  package static func averagePoolBackward(_ dy: FloatView, shape: PoolingShape, into dx: FloatView) {
    shape.check(dx, dy)
    withUnsafePointer(to: shape.table) { ck_average_pool_backward(dx.base, dy.base, $0) }
  }
}
