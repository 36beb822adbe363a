import Foundation
import Kernels
import Tensors

// Quantised layers in the form that runtimes look for: each factor goes to 8 bits and back in front of the operator, which they then
// compute with whole numbers. https://onnx.ai/onnx/technical/quantization.html

extension ONNXGraph {
  /// Numbers as bytes stand for them.
  func rounded(_ x: ONNXValue, by scale: ByteScale) -> ONNXValue {
    let step = singles([scale.step], extents: [])
    let zero = tensor(freshName("zero"), .uint8, []) { $0.rawData = Data([UInt8(scale.zero)]) }
    return add("DequantizeLinear", add("QuantizeLinear", x, step, zero), step, zero)
  }

  /// A slot whose first axis is that of outputs, as whole numbers with a step each.
  func integers(_ name: String, _ shape: Shape, _ values: FloatView) -> ONNXValue {
    let (numbers, steps) = IntegerWeights.rounded(
      UnsafeBufferPointer(start: values.base, count: values.count), outputs: shape[0])
    let rounded = tensor(name, .int8, shape.extents) { $0.rawData = Data(numbers.map { UInt8(bitPattern: $0) }) }
    return add("DequantizeLinear", all: [rounded, singles(steps)], with: ["axis": .int(0)])
  }
}
