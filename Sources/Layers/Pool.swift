import Kernels
import Tensors

/// A layer that makes one number of each window, channel by channel: H×W×C becomes P×Q×C.
public protocol Pool: Layer {
  var window: Window { get }

  /// The window is dense, and its padding at most half of it.
  init(_ window: Window)
}

extension Pool {
  /// A square window; without a stride windows stand side by side.
  public init(size: Int, stride: Int? = nil, padding: Int = 0) {
    self.init(Window(kernel: Plane(size), stride: Plane(stride ?? size), padding: .both(Plane(padding))))
  }

  public func outputShape(for input: Shape) throws -> Shape {
    let output = try window.output(for: input, of: Self.kind)
    return [output.height, output.width, input[2]]
  }

  public var outputScale: OutputScale { .asInput }
  public var bfloat16Tensors: BFloat16Tensors { .alike }
  public func lastRead(at position: Int, of input: Shape) -> Int { window.lastRow(at: position, of: input) }
}

extension Window {
  /// What a pool asks of its window is a programmer's duty.
  func checkPool() {
    check()
    precondition(dilation == Plane(1), "a pool's window is dense, found a dilation of \(dilation)")
    if case .both(let padding) = padding {
      precondition(
        2 * padding.height <= kernel.height && 2 * padding.width <= kernel.width,
        "the padding is at most half of the window (\(kernel)), found \(padding)")
    }
  }
}

extension PoolingShape {
  init(_ input: Shape, _ window: Window, _ microBatch: Int, countsPadding: Bool = true) {
    let picture = input.asPicture
    self.init(
      samples: microBatch, input: picture.plane, channels: picture[2], window: window, countsPadding: countsPadding)
  }
}
