import CKernelsPaths
import Tensors
import TestSupport
import Testing

@testable import Sounds

/// Loops on sounds have the same bits on every instruction set.
@Suite struct SoundPathTests {
  private static func made(_ path: Int, _ operation: Int32, size: Int) -> [UInt32]? {
    let count = 40 * size
    let (x, y) = (FlatBuffer(count: count), FlatBuffer(count: count))
    let random = Philox(seed: 9, purpose: .data)
    for place in 0..<count {
      x.view[place] = Float(random.block(stream: 0, index: UInt64(place)).x.unitInterval) - 0.5
    }
    let plan = FourierPlan(size: size)
    let bands = MelScale.slaney.bands(12, from: 0, to: 4000, size: size, rate: 8000, equalArea: true)
    let window = Spectrum.hann(size, in: size)
    let scratch = SoundMemory()
    let written = window.withUnsafeBufferPointer { window in
      plan.places.withUnsafeBufferPointer { places in
        plan.twiddles.withUnsafeBufferPointer { twiddles in
          bands.firsts.withUnsafeBufferPointer { firsts in
            bands.counts.withUnsafeBufferPointer { counts in
              bands.weights.withUnsafeBufferPointer { weights in
                var spectrum = ck_spectrum(
                  size: Int32(size), hop: Int32(size / 3), window: window.baseAddress, places: places.baseAddress,
                  twiddles: twiddles.baseAddress, power: Int32(size % 3), bands: 12, firsts: firsts.baseAddress,
                  counts: counts.baseAddress, weights: weights.baseAddress)
                let room = scratch.room(size * Int(CK_FRAMES) + 12 * Int(CK_FRAMES))
                return ck_sounded_of(Int32(path), operation, y.view.base, x.view.base, count, &spectrum, room)
              }
            }
          }
        }
      }
    }
    guard written > 0 else { return nil }
    return (0..<written).map { y.view[$0].bitPattern }
  }

  @Test(arguments: [CK_PATH_BASELINE, CK_PATH_V3, CK_PATH_V4].map { Int($0) })
  func bitsAreTheSameOnEveryInstructionSet(path: Int) {
    guard ck_path_runs(Int32(path)) != 0 else {
      return notTested("the bits of path \(path) of sounds", because: "this processor cannot run it")
    }
    var count = 0
    for size in [64, 128, 256, 512] {
      var operation: Int32 = 0
      while let expected = Self.made(Int(CK_PATH_CHOSEN), operation, size: size) {
        #expect(Self.made(path, operation, size: size) == expected, "operation \(operation) of \(size)")
        operation += 1
        count += 1
      }
    }
    #expect(count == 28)
  }
}
