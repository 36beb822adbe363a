import Kernels
import Tensors
import Testing

/// Pools against their definition.
@Suite struct PoolingTests {
  /// Windows that tile the input, overlap, leave elements out, and reach over the edge.
  static let shapes: [PoolingShape] = [
    shape(6, 4, kernel: 2, stride: 2), shape(7, 5, kernel: 2, stride: 2), shape(7, 5, kernel: 3, stride: 2, padding: 1),
    shape(5, 6, kernel: 3, stride: 1), shape(5, 5, kernel: 1, stride: 2), shape(4, 4, kernel: 4, stride: 4),
    PoolingShape(
      samples: 2, input: Plane(height: 5, width: 7), channels: 17,
      window: Window(
        kernel: Plane(height: 3, width: 2), stride: Plane(height: 2, width: 1),
        padding: .both(Plane(height: 1, width: 0)))),
    PoolingShape(
      samples: 1, input: Plane(5), channels: 3, window: Window(kernel: Plane(2), stride: Plane(2), padding: .same)),
  ]

  private static func shape(_ H: Int, _ W: Int, kernel: Int, stride: Int, padding: Int = 0) -> PoolingShape {
    PoolingShape(
      samples: 2, input: Plane(height: H, width: W), channels: 5,
      window: Window(kernel: Plane(kernel), stride: Plane(stride), padding: .both(Plane(padding))))
  }

  /// The places in the input of each output's window, rows ascending.
  private func windows(_ shape: PoolingShape) -> [[Int]] {
    let (H, W, C, window) = (shape.input.height, shape.input.width, shape.channels, shape.window)
    let before = window.padding(for: shape.input).before
    var all: [[Int]] = []
    for n in 0..<shape.samples {
      for p in 0..<shape.output.height {
        for q in 0..<shape.output.width {
          for c in 0..<C {
            var places: [Int] = []
            for i in 0..<window.kernel.height {
              for j in 0..<window.kernel.width {
                let (row, column) = (
                  p * window.stride.height - before.height + i, q * window.stride.width - before.width + j
                )
                guard (0..<H).contains(row), (0..<W).contains(column) else { continue }
                places.append(((n * H + row) * W + column) * C + c)
              }
            }
            all.append(places)
          }
        }
      }
    }
    return all
  }

  /// Inputs have many equal elements, of which the first counts.
  @Test(arguments: shapes)
  func maxPoolTakesTheFirstLargest(shape: PoolingShape) {
    let x = uniform(shape.inputCount, 3, stream: 1).map { $0.rounded() }
    let dy = uniform(shape.outputCount, 1, stream: 2)
    var expected = (y: [Float](), dx: [Float](repeating: 0, count: x.count))
    for (out, places) in windows(shape).enumerated() {
      let largest = places.map { x[$0] }.max()!
      expected.y.append(largest)
      expected.dx[places.first { x[$0] == largest }!] += dy[out]
    }
    let (y, dx) = (floats(count: shape.outputCount), floats([Float](repeating: .nan, count: x.count)))
    let places = floats(count: shape.placesCount)
    Kernels.maxPool(floats(x), shape: shape, into: y, places: places)
    Kernels.maxPoolBackward(floats(dy), places: places, shape: shape, into: dx)
    #expect(y.array == expected.y)
    #expect(dx.array == expected.dx)
  }

  /// A NaN hides nothing: what went wrong is seen in the loss.
  @Test(arguments: shapes)
  func aNaNIsTheLargest(shape: PoolingShape) {
    for place in [0, shape.inputCount / 2] {
      let x = floats(uniform(shape.inputCount, 3, stream: 1))
      x[place] = .nan
      let (y, places) = (floats(count: shape.outputCount), floats(count: shape.placesCount))
      Kernels.maxPool(x, shape: shape, into: y, places: places)
      for (out, window) in windows(shape).enumerated() { #expect(y[out].isNaN == window.contains(place)) }
    }
  }

  /// 1e-6: at most 16 additions of numbers up to one, divided by as many.
  @Test(arguments: shapes)
  func averagePoolIsTheMean(shape: PoolingShape) {
    let (x, dy) = (uniform(shape.inputCount, 1, stream: 1), uniform(shape.outputCount, 1, stream: 2))
    let area = Double(shape.window.kernel.height * shape.window.kernel.width)
    var expected = (y: [Double](), dx: [Double](repeating: 0, count: x.count))
    for (out, places) in windows(shape).enumerated() {
      expected.y.append(places.reduce(0) { $0 + Double(x[$1]) } / area)
      for place in places { expected.dx[place] += Double(dy[out]) / area }
    }
    let (y, dx) = (floats(count: shape.outputCount), floats([Float](repeating: .nan, count: x.count)))
    Kernels.averagePool(floats(x), shape: shape, into: y)
    Kernels.averagePoolBackward(floats(dy), shape: shape, into: dx)
    #expect(zip(y.array, expected.y).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    #expect(zip(dx.array, expected.dx).allSatisfy { abs(Double($0) - $1) < 1e-6 })
  }
}
