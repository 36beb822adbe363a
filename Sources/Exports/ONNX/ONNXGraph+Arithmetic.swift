import Foundation
import Tensors

/// Constants, and what many columns and layers need.
extension ONNXGraph {
  /// A number in double precision, for all rows.
  public func number(_ value: Double) -> ONNXValue { numbers([value], extents: []) }

  /// Numbers in double precision; a row of them, if nothing else is said.
  public func numbers(_ values: [Double], extents: [Int]? = nil) -> ONNXValue {
    tensor(freshName("constant"), .float64, extents ?? [values.count]) { $0.rawData = littleEndian(values) }
  }

  /// A number in single precision, for all rows.
  public func single(_ value: Float) -> ONNXValue { singles([value], extents: []) }

  /// Numbers in single precision; a row of them, if nothing else is said.
  public func singles(_ values: [Float], extents: [Int]? = nil) -> ONNXValue {
    tensor(freshName("constant"), .float32, extents ?? [values.count]) { $0.rawData = littleEndian(values) }
  }

  /// A whole number, for all rows.
  public func whole(_ value: Int) -> ONNXValue { wholes([value], extents: []) }

  /// Whole numbers; a row of them, if nothing else is said.
  public func wholes(_ values: [Int], extents: [Int]? = nil) -> ONNXValue {
    tensor(freshName("constant"), .int64, extents ?? [values.count]) { $0.rawData = littleEndian(values) }
  }

  /// A row of texts.
  public func texts(_ texts: [String]) -> ONNXValue {
    tensor(freshName("constant"), .text, [texts.count]) { $0.stringData = texts.map { Data($0.utf8) } }
  }

  /// Parameters, under the name of their slot.
  func parameter(_ name: String, _ shape: Shape, _ values: FloatView) -> ONNXValue {
    tensor(name, .float32, shape.extents) { $0.rawData = Data(UnsafeRawBufferPointer(values.bytes)) }
  }

  /// The same numbers in another type, rounded to nearest.
  public func cast(_ value: ONNXValue, to type: ONNXType) -> ONNXValue {
    add("Cast", value, with: ["to": .int(type.proto.rawValue)])
  }

  /// For each row the one or the other, as a condition holds; of the first onnxruntime gives a negative zero as 0.
  public func choose(_ condition: ONNXValue, _ then: ONNXValue, else other: ONNXValue) -> ONNXValue {
    add("Where", condition, then, other)
  }

  /// The same of constants, a row of them, and numbers in double precision, whose zeros keep their signs.
  func choose(_ condition: ONNXValue, constants: [Double], else other: ONNXValue) -> ONNXValue {
    let row = numbers(constants)
    let hasNegativeZero = constants.contains { $0 == 0 && $0.sign == .minus }
    guard hasNegativeZero else { return choose(condition, row, else: other) }
    // Side by side, and by its place one of both.
    let all = add("Expand", row, add("Shape", other))
    let pairs = [other, all].map { add("Unsqueeze", $0, wholes([-1])) }
    let place = add("Unsqueeze", cast(condition, to: .int64), wholes([-1]))
    let joined = add("Concat", all: pairs, with: ["axis": .int(-1)])
    return add("Squeeze", add("GatherElements", joined, place, with: ["axis": .int(-1)]), wholes([-1]))
  }

  /// The same numbers as `[N] + extents`.
  public func reshape(_ value: ONNXValue, to extents: [Int]) -> ONNXValue {
    // 0: as many as there were.
    add("Reshape", value, wholes([0] + extents))
  }

  /// `[N]` as a column, `[N, 1]`.
  public func column(_ value: ONNXValue) -> ONNXValue { add("Unsqueeze", value, wholes([1])) }

  /// The places `range` of an axis.
  public func slice(_ value: ONNXValue, _ range: Range<Int>, axis: Int) -> ONNXValue {
    add("Slice", value, wholes([range.lowerBound]), wholes([range.upperBound]), wholes([axis]))
  }

  /// 1 where a place of `[N]` is the one of 0..<`count`, else 0: `[N, count]` in single precision.
  public func oneHot(_ places: ONNXValue, count: Int) -> ONNXValue {
    cast(add("Equal", column(places), wholes(Array(0..<count), extents: [1, count])), to: .float32)
  }

  /// The bytes of numbers, which this machine has as ONNX wants them.
  private func littleEndian<Number>(_ values: [Number]) -> Data { values.withUnsafeBytes { Data($0) } }
}
