import Kernels
import Layers
import Tensors

// N samples, T positions, C channels. Sequences are N×T×C between layers; ONNX's windows move over N×C×T.

extension ONNXGraph {
  /// Of a sequence what `body` makes of its form with channels first.
  fileprivate func positionsLast(_ x: ONNXValue, _ body: (ONNXValue) -> ONNXValue) -> ONNXValue {
    let order = ["perm": .ints([0, 2, 1])] as KeyValuePairs<String, ONNXAttribute>
    return add("Transpose", body(add("Transpose", x, with: order)), with: order)
  }
}

extension Window {
  /// Positions before and behind a sequence.
  fileprivate func linePads(_ shape: Shape) -> ONNXAttribute {
    let (before, after) = padding(for: Plane(height: 1, width: shape[0]))
    return .ints([before.width, after.width])
  }
}

extension Convolution1D: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.positionsLast(x) { x in
      graph.add(
        "Conv", all: [x] + parameters,
        with: [
          "kernel_shape": .ints([window.kernel.width]), "strides": .ints([window.stride.width]),
          "dilations": .ints([window.dilation.width]), "pads": window.linePads(shape), "group": .int(groups),
        ])
    }
  }
}

extension TransposedConvolution1D: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    let window = ofPictures.window
    return graph.positionsLast(x) { x in
      graph.add(
        "ConvTranspose", all: [x] + parameters,
        with: [
          "kernel_shape": .ints([window.kernel.width]), "strides": .ints([window.stride.width]),
          "dilations": .ints([window.dilation.width]), "pads": .ints([window.padding.width, window.padding.width]),
          "output_padding": .ints([window.outputPadding.width]), "group": .int(ofPictures.groups),
        ])
    }
  }
}

extension MaxPool1D: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.positionsLast(x) { x in
      graph.add(
        "MaxPool", x,
        with: [
          "kernel_shape": .ints([window.kernel.width]), "strides": .ints([window.stride.width]),
          "pads": window.linePads(shape),
        ])
    }
  }
}

extension AveragePool1D: ONNXLayer {
  public func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.positionsLast(x) { x in
      graph.add(
        "AveragePool", x,
        with: [
          "kernel_shape": .ints([window.kernel.width]), "strides": .ints([window.stride.width]),
          "pads": window.linePads(shape), "count_include_pad": .int(countsPadding ? 1 : 0),
        ])
    }
  }
}
