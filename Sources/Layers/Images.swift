import Kernels
import Tensors

// A sequence of T×C is a picture of one row: 1×T×C.

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
  /// How many windows there are on a sequence of T×C; throws where there is none.
  func positions(for input: Shape, of layer: String) throws -> Int {
    try input.requireSequence(for: layer)
    let output = output(for: input.line)
    guard output.width > 0 else {
      let padding = padding(for: input.line)
      let least = max(1, reach.width - padding.before.width - padding.after.width)
      throw ShapeError(
        layer, expected: "at least \(least) positions for its window of \(reach.width)", found: input)
    }
    return output.width
  }

  /// The last row of the input in the windows of an output's row; 0 where they lie beside it.
  func lastRow(at row: Int, of input: Shape) -> Int {
    let before = padding(for: input.plane).before.height
    return Self.last(
      of: input[0], from: row * stride.height - before, kernel: kernel.height, dilation: dilation.height)
  }

  /// The same of a position of a sequence, which lies along a line.
  func lastPosition(at position: Int, of input: Shape) -> Int {
    let before = padding(for: input.line).before.width
    return Self.last(
      of: input[0], from: position * stride.width - before, kernel: kernel.width, dilation: dilation.width)
  }

  /// A dilated window leaves rows out, and its last element may lie behind the input: then it is the one before.
  private static func last(of extent: Int, from first: Int, kernel: Int, dilation: Int) -> Int {
    let behind = extent - 1 - first
    guard behind >= 0 else { return 0 }
    return max(0, first + dilation * min(kernel - 1, behind / dilation))
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

  /// A sequence of T×C, seen as a picture of one row.
  var line: Plane<Int> { Plane(height: 1, width: self[0]) }

  /// H×W×C, or 1×T×C of a sequence.
  var asPicture: Shape { rank == 2 ? [1, self[0], self[1]] : self }

  /// Throws unless it is that of a sequence, T×C.
  func requireSequence(for layer: String) throws {
    guard rank == 2, count > 0 else {
      throw ShapeError(layer, expected: "samples of rank 2 (positions×channels)", found: self)
    }
  }

  /// Throws unless it is that of an image or of a sequence.
  func requireImageOrSequence(for layer: String) throws {
    guard rank == 3 || rank == 2, count > 0 else {
      throw ShapeError(
        layer, expected: "samples of rank 3 (height×width×channels) or 2 (positions×channels)", found: self)
    }
  }
}
