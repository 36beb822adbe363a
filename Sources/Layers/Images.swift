import Kernels
import Tensors

/// What convolutions and pools ask of their input.
extension Window {
  /// Extents that cannot be are a programmer's mistake.
  func check() {
    for (name, plane) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)] {
      precondition(plane.height > 0 && plane.width > 0, "the \(name) must be positive, found \(plane)")
    }
    if case .both(let padding) = padding {
      precondition(padding.height >= 0 && padding.width >= 0, "the padding must not be negative, found \(padding)")
    }
  }

  /// How many windows there are on a sample of H×W×C; throws where there is none.
  func output(for input: Shape, of layer: String) throws -> Plane<Int> {
    try input.requireImage(for: layer)
    let output = output(for: input.plane)
    guard output.height > 0, output.width > 0 else {
      let padding = padding(for: input.plane)
      let (height, width) = (
        max(1, reach.height - padding.before.height - padding.after.height),
        max(1, reach.width - padding.before.width - padding.after.width)
      )
      throw ShapeError(
        layer, expected: "samples of at least \(height)×\(width) for its window of \(reach)", found: input)
    }
    return output
  }
}

extension Window {
  /// The last row of the input in the windows of an output's row; 0 where they lie beside it.
  ///
  /// A dilated window leaves rows out, and its last element may lie behind the input: then it is the one before.
  func lastRow(at row: Int, of input: Shape) -> Int {
    let first = row * stride.height - padding(for: input.plane).before.height
    let behind = input[0] - 1 - first
    guard behind >= 0 else { return 0 }
    return max(0, first + dilation.height * min(kernel.height - 1, behind / dilation.height))
  }
}

extension Shape {
  /// Height and width of H×W×C.
  var plane: Plane<Int> { Plane(height: self[0], width: self[1]) }

  /// Throws unless it is that of an image, H×W×C.
  func requireImage(for layer: String) throws {
    guard rank == 3, count > 0 else {
      throw ShapeError(layer, expected: "samples of rank 3 (height×width×channels)", found: self)
    }
  }
}
