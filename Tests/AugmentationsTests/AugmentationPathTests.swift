import CKernelsPaths
import Tensors
import TestSupport
import Testing

/// Loops of augmentations have the same bits on every instruction set.
@Suite struct AugmentationPathTests {
  private static func made(_ path: Int, _ operation: Int32, _ shape: Shape) -> [UInt32]? {
    let (x, y) = (FlatBuffer(count: shape.count), FlatBuffer(count: shape.count))
    let random = Philox(seed: 8, purpose: .data)
    for (stream, buffer) in [x, y].enumerated() {
      for place in 0..<shape.count {
        buffer.view[place] = Float(random.block(stream: UInt64(stream), index: UInt64(place)).x.unitInterval)
      }
    }
    let e = shape.extents
    guard let made = ck_augmented_of(Int32(path), operation, y.view.base, x.view.base, e[0], e[1], e[2]) else {
      return nil
    }
    return (0..<shape.count).map { made[$0].bitPattern }
  }

  @Test(arguments: [CK_PATH_BASELINE, CK_PATH_V3, CK_PATH_V4].map { Int($0) })
  func bitsAreTheSameOnEveryInstructionSet(path: Int) {
    guard ck_path_runs(Int32(path)) != 0 else {
      return notTested("the bits of path \(path) of augmentations", because: "this processor cannot run it")
    }
    var count = 0
    for shape: Shape in [[8, 7, 3], [33, 41, 3], [64, 64, 3]] {
      var operation: Int32 = 0
      while let expected = Self.made(Int(CK_PATH_CHOSEN), operation, shape) {
        #expect(Self.made(path, operation, shape) == expected, "operation \(operation) of \(shape)")
        operation += 1
        count += 1
      }
    }
    #expect(count == 66)
  }
}
