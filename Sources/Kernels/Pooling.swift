import CKernels
import Tensors

/// The extents of a pool over one micro-batch. Samples are H×W×C, channels last.
package struct PoolingShape: Sendable, Hashable {
  package var samples: Int
  package let input: Plane<Int>
  package let channels: Int
  /// Of an adaptive pool the largest one.
  package let window: Window
  /// Whether a mean is of all elements of its window, zeros beside the input too, or of those that lie in the input.
  package let countsPadding: Bool
  package let output: Plane<Int>
  /// Whether windows are as large as they must be for so many outputs.
  private let isAdaptive: Bool

  package init(samples: Int, input: Plane<Int>, channels: Int, window: Window, countsPadding: Bool = true) {
    precondition(window.dilation == Plane(1), "a pool's window is dense, found a dilation of \(window.dilation)")
    self.samples = samples
    self.input = input
    self.channels = channels
    self.window = window
    self.countsPadding = countsPadding
    output = window.output(for: input)
    isAdaptive = false
  }

  /// Windows that share the input evenly: number p of P is of the rows ⌊pH / P⌋ ..< ⌈(p + 1)H / P⌉, as in PyTorch.
  package init(samples: Int, input: Plane<Int>, channels: Int, adaptedTo output: Plane<Int>) {
    // Where outputs divide the input, windows stand side by side and are like any others.
    let most = input.combined(with: output) { Self.mostElements(of: $0, windows: $1) }
    self.samples = samples
    self.input = input
    self.channels = channels
    self.output = output
    isAdaptive = input.height % output.height != 0 || input.width % output.width != 0
    window = Window(kernel: most, stride: most)
    countsPadding = !isAdaptive
  }

  /// Of the windows of an axis, the elements of the largest.
  private static func mostElements(of input: Int, windows: Int) -> Int {
    (0..<windows).reduce(0) { most, window in
      let (first, end) = (window * input / windows, ((window + 1) * input + windows - 1) / windows)
      return max(most, end - first)
    }
  }

  /// Numbers of all samples.
  package var inputCount: Int { samples * input.height * input.width * channels }
  package var outputCount: Int { samples * output.height * output.width * channels }

  /// Bytes of a place in a window.
  private var placeSize: Int { window.kernel.height * window.kernel.width > Int(CK_SMALL_WINDOW) ? 4 : 1 }
  /// Floats of memory that hold the places of a max-pool, one an output.
  package var placesCount: Int { (outputCount * placeSize + 3) / 4 }

  fileprivate var table: ck_pooling {
    ck_pooling(
      samples: Int64(samples), channels: Int64(channels), input: input.axes, output: output.axes,
      kernel: window.kernel.axes, stride: window.stride.axes,
      padding: isAdaptive ? (0, 0) : window.padding(for: input).before.axes, isAdaptive: isAdaptive ? 1 : 0,
      isOwnArea: countsPadding ? 0 : 1)
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

  fileprivate func places(in memory: FloatView) -> Places {
    precondition(memory.count >= placesCount, "\(memory.count) floats of places, expected \(placesCount)")
    return Places(base: memory.bytes.baseAddress!, size: placeSize)
  }

  /// Where in its window each output was found.
  fileprivate struct Places {
    let base: UnsafeMutableRawPointer
    let size: Int
    static func + (places: Places, output: Int) -> UnsafeMutableRawPointer { places.base + output * places.size }
  }
}

extension Kernels {
  /// Overwrites `y` with the largest element of each window, and `places` with which it was, for the backward pass.
  ///
  /// Inputs and outputs are of the same numbers, here and in all that follow; sums are floats, rounded once.
  package static func maxPool(_ x: TensorView, shape: PoolingShape, into y: TensorView, places: FloatView) {
    shape.check(x, y)
    let places = shape.places(in: places)
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
    let places = shape.places(in: places)
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
