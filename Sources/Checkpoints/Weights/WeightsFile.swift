import Diagnostics
import Tensors

/// A file of named tensors that some program wrote: what a network can start from.
///
/// ```swift
/// let file = try PyTorchFile("resnet18.pth")
/// for tensor in file.tensors { print(tensor.name, tensor.shape, tensor.type) }
/// ```
package protocol WeightsFile {
  var path: String { get }
  /// What such files are called: `PyTorch`.
  var format: String { get }
  /// In the order of the file; no two have one name.
  var tensors: [StoredTensor] { get }
  /// The numbers of a tensor, row-major and little-endian: `shape.count` of its type.
  func numbers(of tensor: StoredTensor) throws -> [UInt8]
}

/// A tensor in a file, as that describes it.
package struct StoredTensor: Equatable, Sendable {
  package let name: String
  /// As PyTorch has it: of a dense layer O×I.
  package let shape: Shape
  package let type: ElementType
  /// Its place among the file's tensors.
  package let place: Int

  package init(name: String, shape: Shape, type: ElementType, place: Int) {
    (self.name, self.shape, self.type, self.place) = (name, shape, type, place)
  }

  /// Bytes of its numbers.
  package var byteCount: Int { shape.count * type.size }
}

extension WeightsFile {
  /// SHA-256 of a tensor's numbers as they lie in the file.
  package func digest(of tensor: StoredTensor) throws -> Digest {
    try numbers(of: tensor).withUnsafeBytes { Digest(of: $0) }
  }

  /// Overwrites `floats` with a tensor's numbers.
  ///
  /// Throws bad data (65) where they are no floating-point numbers, or one of them is infinite or NaN.
  package func read(_ tensor: StoredTensor, into floats: FloatView) throws {
    guard tensor.type.isFloat else {
      throw Failure(
        .badData, at: path, "tensor \"\(tensor.name.shown())\": expected F32, F64, F16 or BF16, found \(tensor.type)",
        cure: "convert it to floats, or leave it out by names")
    }
    tensor.type.convert(try numbers(of: tensor), into: floats)
    guard let place = (0..<floats.count).first(where: { !floats[$0].isFinite }) else { return }
    throw Failure(
      .badData, at: path,
      "tensor \"\(tensor.name.shown())\": expected finite numbers, found \(floats[place]) at place \(place)",
      cure: "take weights of a training that went well, or leave the tensor out by names")
  }
}

/// The number of elements of a shape that a file tells of; nil where an extent is negative, or there are too many.
package func elementCount(_ extents: [Int]) -> Int? {
  var count = 1
  for extent in extents {
    guard extent >= 0 else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: extent)
    guard !overflow, product < 1 << 48 else { return nil }
    count = product
  }
  return count
}

extension SafeTensorsFile: WeightsFile {
  package var format: String { "safetensors" }

  package var tensors: [StoredTensor] {
    entries.enumerated().map { place, entry in
      // Numbers of less than a byte are none that somebody could start from.
      let bits = SafeTensors.elementBits[entry.elementType] ?? 8
      return StoredTensor(
        name: entry.name, shape: entry.shape, type: ElementType(entry.elementType, size: max(1, bits / 8)), place: place
      )
    }
  }

  package func numbers(of tensor: StoredTensor) throws -> [UInt8] { try bytes(of: entries[tensor.place]) }
}
