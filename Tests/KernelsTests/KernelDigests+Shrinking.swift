import CKernelsPaths
import Kernels
import Tensors

/// Those of small models: of teachers, of whole numbers, of zeros.
extension KernelDigests {
  mutating func shrinking(_ path: ck_path) {
    func gradients(_ kernel: @escaping (Target, Source, Source, Int64) -> Double) -> (Int) -> [UInt8] {
      { count in
        let (outputs, teacher) = (floats(uniform(3 * count, 6)), floats(uniform(3 * count, 6, stream: 1)))
        let gradient = floats(uniform(3 * count, 1, stream: 2))
        let loss = kernel(gradient.base, outputs.base, teacher.base, Int64(count))
        return Array(gradient.bytes) + withUnsafeBytes(of: loss) { Array($0) }
      }
    }
    note("distillation", gradients { path.distillation($0, $1, $2, 3, $3, 2, 2.5, 0.75, 1.5) })
    note("imitation", gradients { path.imitation($0, $1, $2, 3, $3, 2, 0.75, 1.5) })
    note("rounding to bytes") { count in
      let x = floats(uniform(3 * count, 3))
      let row = (count + 3) / 4 * 4
      var bytes = [UInt8](repeating: 0xab, count: 3 * row)
      path.integer_round(&bytes, Int64(row), x.base, 3, Int64(count), 0.0117, 128)
      return bytes
    }
    note("zeros") { count in
      let (x, weights) = (floats(uniform(count, 1)), floats(uniform(count, 1, stream: 1)))
      for place in stride(from: 0, to: count, by: 3) { weights[place] = place % 2 == 0 ? 0 : -.leastNonzeroMagnitude }
      path.mask_zeros(x.base, weights.base, Int64(count))
      return Array(x.bytes)
    }
  }
}
