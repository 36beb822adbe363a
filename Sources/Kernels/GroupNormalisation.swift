import CKernels
import Tensors

// N samples of R rows of C channels, in G groups of C / G neighbours.

/// The loops of group normalisation. Wu, He: *Group normalization* (ECCV 2018).
///
/// Bits are a function of R, C and G alone. Tensors of bfloat16 numbers are computed with in floats, and rounded once; those of one
/// call are of the same numbers.
extension Kernels {
  /// Overwrites `y` with each sample's channels, brought to mean 0 and variance 1 by groups, scaled and shifted; and `statistics` (N×G×2)
  /// with each group's mean and 1 / √(σ² + ε).
  package static func groupNorm(
    _ x: TensorView, groups G: Int, gamma: FloatView, beta: FloatView, epsilon: Float, statistics: FloatView,
    into y: TensorView
  ) {
    let (C, N) = (gamma.count, statistics.count / (2 * G))
    precondition(
      x.count == y.count && beta.count == C && C % G == 0 && statistics.count == 2 * N * G && x.count % (N * C) == 0,
      "\(x.count) inputs, \(y.count) outputs, \(C) channels in \(G) groups, \(statistics.count) statistics")
    let settings = (gamma: gamma.base, beta: beta.base, C: C, G: G, epsilon: epsilon)
    Crew.split(N, cost: x.count / 4, over: (y, x, statistics.base, x.count / N, settings)) { task, part in
      let (y, x, statistics, width, settings) = task
      let (C, G, own) = (settings.C, settings.G, part.lowerBound * width..<part.upperBound * width)
      let (room, first) = (ck_thread_memory(Int64(4 * C)), statistics + 2 * part.lowerBound * G)
      let (N, R) = (Int64(part.count), Int64(width / C))
      switch (y[own], x[own]) {
      case (.bfloat16(let y), .bfloat16(let x)):
        ck_bfloat16_group_norm_forward(
          y.base, first, x.base, settings.gamma, settings.beta, N, R, Int64(C), Int64(G), settings.epsilon, room)
      case (let y, let x):
        ck_group_norm_forward(
          y.floats, first, x.floats, settings.gamma, settings.beta, N, R, Int64(C), Int64(G), settings.epsilon, room)
      }
    }
  }

  /// Floats of scratch memory that `groupNormBackward` needs.
  package static func groupNormScratch(samples N: Int, channels C: Int) -> Int { 4 * N * C }

  /// The gradients of scale and shift (C), and of the input where `dx` is given, which may be `dy`.
  package static func groupNormBackward(
    _ dy: TensorView, x: TensorView, groups G: Int, gamma: FloatView, statistics: FloatView, dgamma: FloatView,
    dbeta: FloatView, into dx: TensorView?, scratch: FloatView
  ) {
    let (C, N) = (gamma.count, statistics.count / (2 * G))
    precondition(
      dy.count == x.count && (dx?.count ?? x.count) == x.count && dgamma.count == C && dbeta.count == C
        && scratch.count >= groupNormScratch(samples: N, channels: C),
      "\(x.count) inputs, \(dy.count) gradients, \(dgamma.count) and \(dbeta.count) sums, \(scratch.count) floats")
    let parts = UnsafeMutableRawPointer(scratch.base).assumingMemoryBound(to: Double.self)
    let settings = (gamma: gamma.base, parts: parts, C: C, G: G)
    Crew.split(N, cost: x.count / 2, over: (dx, dy, x, statistics.base, x.count / N, settings)) { task, part in
      let (dx, dy, x, statistics, width, settings) = task
      let (C, G, own) = (settings.C, settings.G, part.lowerBound * width..<part.upperBound * width)
      let (room, first) = (ck_thread_memory(Int64(4 * C)), statistics + 2 * part.lowerBound * G)
      let (N, R, parts) = (Int64(part.count), Int64(width / C), settings.parts + 2 * part.lowerBound * C)
      switch (dy[own], x[own]) {
      case (.bfloat16(let dy), .bfloat16(let x)):
        let dx = dx.map { $0[own].base.assumingMemoryBound(to: UInt16.self) }
        ck_bfloat16_group_norm_backward(
          dx, parts, dy.base, x.base, first, settings.gamma, N, R, Int64(C), Int64(G), room)
      case (let dy, let x):
        ck_group_norm_backward(
          dx?[own].floats, parts, dy.floats, x.floats, first, settings.gamma, N, R, Int64(C), Int64(G), room)
      }
    }
    ck_group_norm_totals(dgamma.base, dbeta.base, parts, Int64(N), Int64(C))
  }
}
