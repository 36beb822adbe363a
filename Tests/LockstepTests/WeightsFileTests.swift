import Checkpoints
import Foundation
import Goldens
import Tensors
import TestSupport
import Testing

@testable import Lockstep

/// Files of tensors that PyTorch and ONNX wrote: names, shapes, types and numbers are what they say.
@Suite struct WeightsFileTests {
  private struct Expected: Decodable {
    let name: String
    let shape: [Int]
    let type: String
    let values: [Double]
  }

  private func expected(_ name: String) throws -> [Expected] {
    try golden("weights/weights.json", as: [String: [Expected]].self)[name]!
  }

  private func open(_ path: String) throws -> any WeightsFile {
    try WeightsFiles.open(path, as: WeightsFiles.origin(of: path)!)
  }

  private static let types = [
    "float32": "F32", "float16": "F16", "bfloat16": "BF16", "float64": "F64", "int64": "I64",
  ]

  @Test(arguments: [
    ("two-class.pth", "two-class", ""), ("two-class-legacy.pth", "two-class", ""),
    ("two-class.safetensors", "two-class", ""), ("training.ckpt", "two-class", "model.layers."),
    ("types.pth", "types", ""), ("types-legacy.pth", "types", ""), ("gemm.onnx", "two-class", ""),
  ])
  func tensorsAreThoseThatWereWritten(file: String, what: String, prefix: String) throws {
    let opened = try open(goldenPath("weights/\(file)"))
    let expected = try expected(what).sorted { $0.name < $1.name }
    let tensors = opened.tensors.sorted { $0.name < $1.name }
    try #require(tensors.map(\.name) == expected.map { prefix + $0.name })
    for (tensor, expected) in zip(tensors, expected) {
      #expect(tensor.shape == Shape(expected.shape) && tensor.type.name == Self.types[expected.type], "\(tensor.name)")
      let floats = FlatBuffer(count: tensor.shape.count)
      guard tensor.type.isFloat else {
        #expect(failure { try opened.read(tensor, into: floats.view) }?.code == .badData)
        continue
      }
      try opened.read(tensor, into: floats.view)
      #expect(floats.view.array == expected.values.map { Float($0) }, "\(file), \(tensor.name)")
    }
  }

  /// Factors of `MatMul` and of `Gemm` without `transB` are turned; float16 and lists of numbers, and a file beside it, are read.
  @Test func factorsOfProductsAreTurned() throws {
    let file = try #require(open(goldenPath("weights/matmul.onnx")) as? any WeightsFile)
    for expected in try expected("two-class") {
      let tensor = try #require(file.tensors.first { $0.name == expected.name })
      #expect(tensor.shape == Shape(expected.shape))
      let floats = FlatBuffer(count: tensor.shape.count)
      try file.read(tensor, into: floats.view)
      // A half has 11 bits.
      let isHalf = tensor.type == .float16
      for (found, value) in zip(floats.view.array, expected.values) {
        #expect(abs(Double(found) - value) <= (isHalf ? 0x1p-11 * abs(value) : 0), "\(expected.name)")
      }
    }
    let text = try Inspection(weights: goldenPath("weights/matmul.onnx"), as: .onnx).text
    #expect(
      text.contains("0.weight  16×2   F32   128    sha256:") && text.contains("2 factors of MatMul or Gemm shown"))
  }

  /// Nothing in a pickle is ever called.
  @Test func aPickleThatDoesMoreIsRefused() throws {
    expectFailure(.badData, "a pickle that does more than hold tensors: it names posix.system; save tensors alone") {
      _ = try self.open(goldenPath("weights/evil.pth"))
    }
    expectFailure(.badData, "a pickle that does more than hold tensors: it names torch.nn.modules.container.Sequential")
    {
      _ = try self.open(goldenPath("weights/module.pth"))
    }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/lockstep-was-here"))
  }

  /// What no integer holds is a fault of the file, and no end of the program.
  @Test(arguments: [
    ("odd-stride", "does not fit its storage"),
    ("odd-offset", "does not fit its storage"), ("odd-name", "a name of more than 4096 bytes"),
  ])
  func numbersThatNoIntegerHolds(name: String, message: String) throws {
    expectFailure(.badData, message) {
      _ = try Inspection(weights: goldenPath("weights/\(name).pth"), as: .pytorch).text
    }
  }

  /// Nothing is nothing, however long its other sides are.
  @Test func aTensorWithoutNumbers() throws {
    let file = try open(goldenPath("weights/odd-extents.pth"))
    #expect(file.tensors.map(\.shape.count) == [0])
    #expect(try file.numbers(of: file.tensors[0]) == [])
  }

  /// A tensor that PyTorch's `expand` made of another one has its numbers several times.
  @Test func anExpandedTensor() throws {
    let file = try open(goldenPath("weights/expanded.pth"))
    #expect(file.tensors.map(\.shape) == [[3, 4]])
    let floats = FlatBuffer(count: 12)
    try file.read(file.tensors[0], into: floats.view)
    #expect(floats.view.array == [Float](repeating: 0, count: 12))
  }

  /// Bytes in an archive have a checksum.
  @Test func aBitThatHasTurned() throws {
    let folder = try Folder()
    var bytes = try Data(contentsOf: URL(fileURLWithPath: goldenPath("weights/expanded.pth")))
    // The numbers lie behind the name of their member.
    let place = try #require(bytes.range(of: Data("m/data/0".utf8))).upperBound
    bytes[place] ^= 1
    try bytes.write(to: URL(fileURLWithPath: folder["a.pth"]))
    expectFailure(.badData, "member m/data/0: expected bytes of the checksum that it has, found others") {
      _ = try self.open(folder["a.pth"])
    }
  }

  /// Cut off anywhere, a file is refused, in one line that names it.
  @Test(arguments: ["two-class.pth", "two-class-legacy.pth", "gemm.onnx"])
  func aFileThatIsCutOff(name: String) throws {
    let folder = try Folder()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: goldenPath("weights/\(name)")))
    for count in stride(from: 0, to: bytes.count, by: 7) {
      try bytes.prefix(count).write(to: URL(fileURLWithPath: folder[name]))
      let found = failure {
        let file = try self.open(folder[name])
        for tensor in file.tensors where tensor.type.isFloat {
          try file.read(tensor, into: FlatBuffer(count: tensor.shape.count).view)
        }
      }
      // What is cut off behind the initialisers of a graph is a graph of fewer nodes.
      if name.hasSuffix("onnx"), found == nil { continue }
      #expect(
        found?.code == .badData && found?.description.hasPrefix(folder[name]) == true, "\(count): \(found as Any)")
    }
  }

  @Test func patternsOfNames() {
    func parts(_ pattern: String, _ name: String) -> [String]? { NamePattern(pattern).parts(of: name) }
    #expect(parts("0.weight", "0.weight") == [] && parts("0.weight", "10.weight") == nil)
    #expect(parts("*.weight", "3.0.weight") == ["3.0"])
    #expect(parts("*.*", "3.0.weight") == ["3", "0.weight"])
    #expect(parts("?.bias", "3.bias") == [] && parts("?.bias", "13.bias") == nil)
    #expect(parts("*a*ab", "aaab") == ["", "a"])
    #expect(parts("*", "") == [""] && parts("", "") == [] && parts("", "a") == nil)
    #expect(
      NamePattern("_blocks.*._bn?.*").renamed("_blocks.3._bn0.bias", to: "features.*.norm.*") == "features.3.norm.bias")
    #expect(NamePattern("a*").renamed("b", to: "*") == nil)
  }
}
