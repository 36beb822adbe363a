import Kernels
import Layers
import Tensors

// N samples, H×W pixels, C channels. Pictures are N×H×W×C between layers; ONNX's windows move over N×C×H×W. Transpositions
// that follow each other are taken out by who runs the graph.

extension ONNXGraph {
  /// Of a picture what `body` makes of its form with channels first.
  fileprivate func channelsFirst(_ x: ONNXValue, _ body: (ONNXValue) -> ONNXValue) -> ONNXValue {
    let y = body(add("Transpose", x, with: ["perm": .ints([0, 3, 1, 2])]))
    return add("Transpose", y, with: ["perm": .ints([0, 2, 3, 1])])
  }
}

extension Window {
  /// Rows and columns beside an input: above, left, below, right.
  fileprivate func pads(_ shape: Shape) -> ONNXAttribute {
    let (before, after) = padding(for: Plane(height: shape[0], width: shape[1]))
    return .ints([before.height, before.width, after.height, after.width])
  }
}

extension Plane<Int> {
  fileprivate var pair: ONNXAttribute { .ints([height, width]) }
}

extension Convolution: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.channelsFirst(x) { x in
      graph.add(
        "Conv", all: [x] + parameters,
        with: [
          "kernel_shape": window.kernel.pair, "strides": window.stride.pair, "dilations": window.dilation.pair,
          "pads": window.pads(shape), "group": .int(groups),
        ])
    }
  }
}

extension TransposedConvolution: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    let padding = window.padding
    return graph.channelsFirst(x) { x in
      graph.add(
        "ConvTranspose", all: [x] + parameters,
        with: [
          "kernel_shape": window.kernel.pair, "strides": window.stride.pair, "dilations": window.dilation.pair,
          "pads": .ints([padding.height, padding.width, padding.height, padding.width]),
          "output_padding": window.outputPadding.pair, "group": .int(groups),
        ])
    }
  }
}

extension MaxPool: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.channelsFirst(x) { x in
      graph.add(
        "MaxPool", x,
        with: [
          "kernel_shape": window.kernel.pair, "strides": window.stride.pair, "pads": window.pads(shape),
        ])
    }
  }
}

extension AveragePool: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.channelsFirst(x) { x in
      graph.add(
        "AveragePool", x,
        with: [
          "kernel_shape": window.kernel.pair, "strides": window.stride.pair, "pads": window.pads(shape),
          "count_include_pad": .int(countsPadding ? 1 : 0),
        ])
    }
  }
}

extension GlobalAveragePool: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("ReduceMean", x, graph.wholes(Array(1..<shape.rank)), with: ["keepdims": .int(0)])
  }
}
