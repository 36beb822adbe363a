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
  /// Numbers of all samples.
  package var inputCount: Int { samples * input.height * input.width * channels }
  package var outputCount: Int { samples * output.height * output.width * channels }

  /// Floats of memory that hold the places of a max-pool, a byte an output.
  package var placesCount: Int { (outputCount + 3) / 4 }

  fileprivate var table: ck_pooling {
    ck_pooling(
      samples: Int64(samples), channels: Int64(channels), input: input.axes, output: output.axes,
      kernel: window.kernel.axes, stride: window.stride.axes, padding: window.padding(for: input).before.axes)
  }

  /// A function as it is: in a tuple by itself it would be wrapped, and the wrapper allocated.
  private struct Body<Memory> {
    let call: (Memory, UnsafePointer<ck_pooling>, _ input: Int, _ output: Int) -> Void
  }

  /// Calls `body` with some samples, and with where they begin in the input and in the output.
  ///
  /// `memory` is what `body` reads and writes.
  fileprivate func split<Memory>(
    over memory: Memory, _ body: @escaping (Memory, UnsafePointer<ck_pooling>, _ input: Int, _ output: Int) -> Void
  ) {
    let area = window.kernel.height * window.kernel.width
    Crew.split(samples, cost: outputCount * area / 4, over: (self, memory, Body(call: body))) { task, part in
      var shape = task.0
      let first = part.lowerBound, all = shape.samples
      let (input, output) = (shape.inputCount / all * first, shape.outputCount / all * first)
      shape.samples = part.count
      withUnsafePointer(to: shape.table) { task.2.call(task.1, $0, input, output) }
    }
  }

  fileprivate func check(_ x: TensorView, _ y: TensorView) {
    precondition(
      x.count == inputCount && y.count == outputCount,
      "\(x.count) inputs and \(y.count) outputs, expected \(inputCount) and \(outputCount)")
    precondition(x.precision == y.precision, "inputs of \(x.precision), outputs of \(y.precision)")
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
  ///
  /// Inputs and outputs are of the same numbers, here and in all that follow; sums are floats, rounded once.
  package static func maxPool(_ x: TensorView, shape: PoolingShape, into y: TensorView, places: FloatView) {
    shape.check(x, y)
    let places = shape.bytes(of: places)
    switch (x, y) {
    case (.bfloat16(let x), .bfloat16(let y)):
      shape.split(over: (y.base, places, x.base)) { ck_bfloat16_max_pool_forward($0.0 + $3, $0.1 + $3, $0.2 + $2, $1) }
    default:
      shape.split(over: (y.floats, places, x.floats)) { ck_max_pool_forward($0.0 + $3, $0.1 + $3, $0.2 + $2, $1) }
    }
  }

  /// Overwrites `dx`: each element gets the gradients of the windows where it was the largest.
  package static func maxPoolBackward(_ dy: TensorView, places: FloatView, shape: PoolingShape, into dx: TensorView) {
    shape.check(dx, dy)
    let places = shape.bytes(of: places)
    switch (dx, dy) {
    case (.bfloat16(let dx), .bfloat16(let dy)):
      shape.split(over: (dx.base, dy.base, places)) {
        ck_bfloat16_max_pool_backward($0.0 + $2, $0.1 + $3, $0.2 + $3, $1)
      }
    default:
      shape.split(over: (dx.floats, dy.floats, places)) { ck_max_pool_backward($0.0 + $2, $0.1 + $3, $0.2 + $3, $1) }
    }
  }

  /// Overwrites `y` with the mean of each window; padding counts as zeros.
  package static func averagePool(_ x: TensorView, shape: PoolingShape, into y: TensorView) {
    shape.check(x, y)
    switch (x, y) {
    case (.bfloat16(let x), .bfloat16(let y)):
      shape.split(over: (y.base, x.base)) { ck_bfloat16_average_pool_forward($0.0 + $3, $0.1 + $2, $1) }
    default: shape.split(over: (y.floats, x.floats)) { ck_average_pool_forward($0.0 + $3, $0.1 + $2, $1) }
    }
  }

  /// Overwrites `dx`: each element gets its share of the gradients of its windows.
  package static func averagePoolBackward(_ dy: TensorView, shape: PoolingShape, into dx: TensorView) {
    shape.check(dx, dy)
    switch (dx, dy) {
    case (.bfloat16(let dx), .bfloat16(let dy)):
      shape.split(over: (dx.base, dy.base)) { ck_bfloat16_average_pool_backward($0.0 + $2, $0.1 + $3, $1) }
    default: shape.split(over: (dx.floats, dy.floats)) { ck_average_pool_backward($0.0 + $2, $0.1 + $3, $1) }
    }
  }
}
