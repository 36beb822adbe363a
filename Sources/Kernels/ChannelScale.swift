import CKernels
import Tensors

// N samples of R rows of C channels; a gate has C numbers a sample.

extension Kernels {
  /// Overwrites `y` with each row of `x` times its sample's `gate`, channel by channel; `y` may be `x`.
  ///
  /// All are of the same numbers, here and below; what is of bfloat16 numbers is computed in floats and rounded once.
  package static func scaleRows(_ x: TensorView, by gate: TensorView, channels C: Int, into y: TensorView) {
    let (samples, width) = gateExtents(x, y, gate, C)
    Crew.split(samples, cost: x.count / 8, over: (y, x, gate, width, C)) { task, part in
      let (y, x, gate, width, C) = task
      for n in part {
        let (own, row) = (n * width..<(n + 1) * width, n * C..<(n + 1) * C)
        switch (y[own], x[own], gate[row]) {
        case (.bfloat16(let y), .bfloat16(let x), .bfloat16(let gate)):
          ck_bfloat16_scale_rows(y.base, x.base, gate.base, Int64(width / C), Int64(C))
        case (let y, let x, let gate): ck_scale_rows(y.floats, x.floats, gate.floats, Int64(width / C), Int64(C))
        }
      }
    }
  }

  /// Overwrites `dgate` with the sums of `dy` times `x` over each sample's rows: 32 rows at a time in float, and these sums in double.
  package static func scaleGradient(_ dy: TensorView, x: TensorView, channels C: Int, into dgate: TensorView) {
    let (samples, width) = gateExtents(x, dy, dgate, C)
    Crew.split(samples, cost: x.count / 8, over: (dgate, dy, x, width, C)) { task, part in
      let (dgate, dy, x, width, C) = task
      let memory = UnsafeMutableRawPointer(ck_thread_memory(Int64(2 * C))!)
      let sums = memory.assumingMemoryBound(to: Double.self)
      for n in part {
        let (own, row) = (n * width..<(n + 1) * width, n * C..<(n + 1) * C)
        switch (dgate[row], dy[own], x[own]) {
        case (.bfloat16(let dgate), .bfloat16(let dy), .bfloat16(let x)):
          ck_bfloat16_scale_gradient(dgate.base, sums, dy.base, x.base, Int64(width / C), Int64(C))
        case (let dgate, let dy, let x):
          ck_scale_gradient(dgate.floats, sums, dy.floats, x.floats, Int64(width / C), Int64(C))
        }
      }
    }
  }

  private static func gateExtents(
    _ x: TensorView, _ y: TensorView, _ gate: TensorView, _ C: Int
  ) -> (samples: Int, width: Int) {
    precondition(
      x.count == y.count && gate.count % C == 0 && x.count % gate.count == 0,
      "\(x.count) and \(y.count) numbers, gates of \(gate.count), \(C) channels")
    return (gate.count / C, x.count / gate.count * C)
  }
}
