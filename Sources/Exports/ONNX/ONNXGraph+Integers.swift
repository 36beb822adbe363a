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

  /// What product number `product` of the layer that is being appended reads: as bytes stand for it, where it is one of whole numbers.
  func operand(_ x: ONNXValue, of product: Int) -> ONNXValue {
    sides.scales.map { rounded(x, by: $0[product]) } ?? x
  }

  /// A slot whose first axis is that of outputs, as whole numbers with a step each.
  func integers(_ name: String, _ shape: Shape, _ values: FloatView) -> IntegerSlot {
    let (numbers, steps) = IntegerWeights.rounded(
      UnsafeBufferPointer(start: values.base, count: values.count), outputs: shape[0])
    let rounded = tensor(name, .int8, shape.extents) {
      $0.rawData = Data(numbers.map { UInt8(bitPattern: $0) })
    }
    return (rounded, singles(steps))
  }

  /// The numbers that a slot stands for, as a factor of a product.
  func factor(_ slot: IntegerSlot) -> ONNXValue {
    add("DequantizeLinear", all: [slot.numbers, slot.steps], with: ["axis": .int(0)])
  }

  /// Rows of a table, of floats or of whole numbers, which become numbers again one by one.
  func rows(_ table: ONNXValue, at tokens: ONNXValue) -> ONNXValue {
    guard let (numbers, steps) = sides.table else { return add("Gather", table, tokens) }
    let step = add("Unsqueeze", add("Gather", steps, tokens), wholes([-1]))
    return add("Mul", cast(add("Gather", numbers, tokens), to: .float32), step)
  }
}

/// A slot as whole numbers, and their steps.
typealias IntegerSlot = (numbers: ONNXValue, steps: ONNXValue)
