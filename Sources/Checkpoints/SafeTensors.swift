import Tensors

/// The safetensors format: named tensors behind a JSON header, readable by Python's `safetensors`.
///
/// ```
/// 8 bytes     N, the header's length, little-endian
/// N bytes     {"0.weight":{"dtype":"F32","shape":[512,784],"data_offsets":[0,1605632]},…}, padded with spaces
/// the rest    the tensors, row-major, little-endian, without holes
/// ```
///
/// <https://github.com/huggingface/safetensors>
package enum SafeTensors {
  /// The longest header that readers of this format accept, in bytes.
  package static let maximumHeader = 100_000_000

  /// The highest rank that is read: NumPy and PyTorch have no more axes either.
  static let maximumRank = 64

  /// Tensors begin at a multiple of this many bytes, so that a mapped file can be computed on as it is.
  static let alignment = 64

  /// Element types that the format knows, with their widths in bits.
  static let elementBits: [String: Int] = [
    "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64,
    "U64": 64,
  ]
}

/// A name and a shape for a range of a flat buffer.
package struct NamedTensor: Sendable {
  package let name: String
  /// Row-major.
  package let shape: Shape
  /// As many floats as the shape counts.
  package let view: FloatView

  package init(_ name: String, _ shape: Shape, _ view: FloatView) {
    precondition(shape.count == view.count, "\(name) has \(shape.count) elements, but \(view.count) floats are given")
    self.name = name
    self.shape = shape
    self.view = view
  }
}

extension ParameterLayout {
  /// The slots in `buffer` as tensors that a checkpoint writes.
  ///
  /// They lie in `buffer` itself but for the slots that a checkpoint has in another order, which are copies in that order.
  package func tensors(in buffer: FloatView) -> [NamedTensor] {
    slots.map { slot in
      let memory = buffer[slot.range]
      guard slot.isReordered else { return NamedTensor(slot.name, slot.shape, memory) }
      let stored = FlatBuffer(count: memory.count)
      slot.store(memory, into: stored.view)
      return NamedTensor(slot.name, slot.shape, stored.view)
    }
  }

  /// Brings tensors of `tensors(in: buffer)`, into which a file was read, back into the order of memory.
  package func load(_ tensors: [NamedTensor], into buffer: FloatView) {
    for (slot, tensor) in zip(slots, tensors) where slot.isReordered {
      slot.load(tensor.view, into: buffer[slot.range])
    }
  }
}
