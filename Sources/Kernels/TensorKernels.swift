import CKernels
import Tensors

// Kernels of floats on tensors of either precision: what is kept as bfloat16 is rounded when it is written, and nowhere else.

extension Kernels {
  /// As on floats: overwrites `y` with the activation of `x`, which may be the same memory.
  package static func forward(_ activation: Activation, _ x: TensorView, into y: TensorView) {
    if case (.float32(let x), .float32(let y)) = (x, y) { return forward(activation, x, into: y) }
    if activation == .relu, case (.bfloat16(let x), .bfloat16(let y)) = (x, y) { return rectify(x, into: y) }
    inBlocks(y, x, nil, activation, Activation.forwardKernel)
  }

  /// As on floats: overwrites `dx`, which may be the memory of `dy`.
  package static func backward(_ activation: Activation, _ dy: TensorView, from source: TensorView, into dx: TensorView)
  {
    if case (.float32(let dy), .float32(let source), .float32(let dx)) = (dy, source, dx) {
      return backward(activation, dy, from: source, into: dx)
    }
    if activation == .relu, case (.bfloat16(let dy), .bfloat16(let y), .bfloat16(let dx)) = (dy, source, dx) {
      return rectifyBackward(dy, output: y, into: dx)
    }
    inBlocks(dx, dy, source, activation, Activation.backwardKernel)
  }

  /// In integers, which need no block of floats.
  private static func rectify(_ x: BFloat16View, into y: BFloat16View) {
    precondition(x.count == y.count, "\(x.count) inputs, \(y.count) outputs")
    Crew.split(x.count, cost: x.count / 16, unit: elementUnit, over: (y.base, x.base)) { task, part in
      ck_bfloat16_relu_forward(task.0 + part.lowerBound, task.1 + part.lowerBound, Int64(part.count))
    }
  }

  private static func rectifyBackward(_ dy: BFloat16View, output y: BFloat16View, into dx: BFloat16View) {
    precondition(dy.count == y.count && dx.count == y.count, "\(dy.count), \(y.count) and \(dx.count) gradients")
    Crew.split(y.count, cost: y.count / 16, unit: elementUnit, over: (dx.base, dy.base, y.base)) { task, part in
      let first = part.lowerBound
      ck_bfloat16_relu_backward(task.0 + first, task.1 + first, task.2 + first, Int64(part.count))
    }
  }

  /// Overwrites `y` with the numbers of `x`, rounded where they have to be; may alias where both are of the same numbers.
  package static func copy(_ x: TensorView, into y: TensorView) {
    guard x.base != y.base else { return }
    inBlocks(y, x, nil, ()) { y, x, _, n, _, _ in y!.update(from: x!, count: Int(n)) }
  }

  /// As on floats: `target = a + b`, rounded once; it may be one of them where both are of the same numbers.
  package static func add(_ a: TensorView, _ b: TensorView, into target: TensorView) {
    switch (a, b, target) {
    case (.float32(let a), .float32(let b), .float32(let target)): add(a, b, into: target)
    case (.bfloat16(let a), .bfloat16(let b), .bfloat16(let target)):
      precondition(a.count == b.count && b.count == target.count, "\(a.count) + \(b.count) into \(target.count)")
      Crew.split(a.count, cost: a.count / 8, unit: elementUnit, over: (target.base, a.base, b.base)) { task, part in
        let first = part.lowerBound
        ck_bfloat16_add(task.0 + first, task.1 + first, task.2 + first, Int64(part.count))
      }
    default: inBlocks(target, a, b, ()) { target, a, b, n, _, _ in ck_add(target, a, b, n) }
    }
  }

  /// As on floats: `target = a * b`, rounded once; it may be one of them where both are of the same numbers.
  package static func multiply(_ a: TensorView, _ b: TensorView, into target: TensorView) {
    if case (.float32(let a), .float32(let b), .float32(let target)) = (a, b, target) {
      return multiply(a, b, into: target)
    }
    inBlocks(target, a, b, ()) { target, a, b, n, _, _ in ck_multiply(target, a, b, n) }
  }

  /// As on tensors of either precision.
  package static func copyColumns(
    _ source: FloatView, columns: Int, first: Int, into target: FloatView, columns targetColumns: Int,
    first targetFirst: Int, width: Int
  ) {
    copyColumns(
      .float32(source), columns: columns, first: first, into: .float32(target), columns: targetColumns,
      first: targetFirst, width: width)
  }

  /// As on tensors of either precision.
  package static func channelAffine(
    _ x: FloatView, mean: FloatView, scale: FloatView, shift: FloatView, into y: FloatView
  ) {
    channelAffine(.float32(x), mean: mean, scale: scale, shift: shift, into: .float32(y))
  }

  /// As on floats: the leaky rectifier of `x`, which may be the memory of `y`.
  package static func leakyReLU(_ x: TensorView, slope: Float, into y: TensorView) {
    if case (.float32(let x), .float32(let y)) = (x, y) { return leakyReLU(x, slope: slope, into: y) }
    inBlocks(y, x, nil, slope) { y, x, _, n, _, slope in
      ck_leaky_relu_forward(y, x, n, slope!.assumingMemoryBound(to: Float.self).pointee)
    }
  }

  /// As on floats: overwrites `dx`, which may be the memory of `dy`.
  package static func leakyReLUBackward(_ dy: TensorView, output y: TensorView, slope: Float, into dx: TensorView) {
    if case (.float32(let dy), .float32(let y), .float32(let dx)) = (dy, y, dx) {
      return leakyReLUBackward(dy, output: y, slope: slope, into: dx)
    }
    inBlocks(dx, dy, y, slope) { dx, dy, y, n, _, slope in
      ck_leaky_relu_backward(dx, dy, y, n, slope!.assumingMemoryBound(to: Float.self).pointee)
    }
  }

  /// As on floats: rows brought to mean 0 and variance 1, scaled and shifted.
  package static func layerNorm(
    _ x: FloatView, gamma: FloatView, beta: FloatView, epsilon: Float, statistics: FloatView, into y: TensorView
  ) {
    let rows = rowCount(x, gamma.count)
    precondition(
      y.count == x.count && beta.count == gamma.count && statistics.count == 2 * rows,
      "\(x.count) inputs, \(y.count) outputs, \(beta.count) shifts, \(statistics.count) statistics")
    let ends = (y: y.base, isFloat: y.isFloat, statistics: statistics.base, x: x.base)
    let settings = (gamma: gamma.base, beta: beta.base, D: gamma.count, epsilon: epsilon)
    Crew.split(rows, cost: x.count / 2, over: (ends, settings)) { task, part in
      let (ends, settings) = (task.0, task.1)
      let (N, D, first) = (Int64(part.count), Int64(settings.D), part.lowerBound * settings.D)
      let (x, statistics) = (ends.x + first, ends.statistics + 2 * part.lowerBound)
      if ends.isFloat {
        ck_layer_norm_forward(
          ends.y.assumingMemoryBound(to: Float.self) + first, statistics, x, settings.gamma, settings.beta, N, D,
          settings.epsilon)
      } else {
        ck_bfloat16_layer_norm_forward(
          ends.y.assumingMemoryBound(to: UInt16.self) + first, statistics, x, settings.gamma, settings.beta, N, D,
          settings.epsilon)
      }
    }
  }

  /// As on floats: the gradients of scale, shift and, where given, input.
  package static func layerNormBackward(
    _ dy: TensorView, x: FloatView, gamma: FloatView, statistics: FloatView, dgamma: FloatView, dbeta: FloatView,
    into dx: FloatView?
  ) {
    let (rows, D) = (rowCount(x, gamma.count), gamma.count)
    precondition(
      dy.count == x.count && (dx?.count ?? x.count) == x.count && statistics.count == 2 * rows
        && dgamma.count == D && dbeta.count == D,
      "\(x.count) inputs, \(dy.count) gradients, \(dgamma.count) and \(dbeta.count) sums")
    guard Crew.current != nil else {
      switch dy {
      case .float32(let dy):
        ck_layer_norm_backward(
          dx?.base, dgamma.base, dbeta.base, dy.base, x.base, statistics.base, gamma.base, Int64(rows), Int64(D))
      case .bfloat16(let dy):
        ck_bfloat16_layer_norm_backward(
          dx?.base, dgamma.base, dbeta.base, dy.base, x.base, statistics.base, gamma.base, Int64(rows), Int64(D))
      }
      return
    }
    let up = (base: dy.base, isFloat: dy.isFloat)
    Crew.split(
      D, cost: x.count / 4, unit: columnUnit, over: (dgamma.base, dbeta.base, up, x.base, statistics.base, rows, D)
    ) { task, part in
      let (dgamma, dbeta, up, x, statistics, rows, D) = task
      let (first, count) = (part.lowerBound, Int64(part.count))
      if up.isFloat {
        ck_layer_norm_sums(
          dgamma + first, dbeta + first, up.base.assumingMemoryBound(to: Float.self) + first, x + first, statistics,
          Int64(rows), Int64(D), count)
      } else {
        ck_bfloat16_layer_norm_sums(
          dgamma + first, dbeta + first, up.base.assumingMemoryBound(to: UInt16.self) + first, x + first, statistics,
          Int64(rows), Int64(D), count)
      }
    }
    guard let dx else { return }
    Crew.split(
      rows, cost: x.count / 2, over: (dx.base, up, x.base, statistics.base, gamma.base, D)
    ) { task, part in
      let (dx, up, x, statistics, gamma, D) = task
      let (first, N) = (part.lowerBound * D, Int64(part.count))
      if up.isFloat {
        ck_layer_norm_rows(
          dx + first, up.base.assumingMemoryBound(to: Float.self) + first, x + first,
          statistics + 2 * part.lowerBound, gamma, N, Int64(D))
      } else {
        ck_bfloat16_layer_norm_rows(
          dx + first, up.base.assumingMemoryBound(to: UInt16.self) + first, x + first,
          statistics + 2 * part.lowerBound, gamma, N, Int64(D))
      }
    }
  }

  /// Runs an elementwise kernel of floats, whose settings are `context`, on tensors of as many numbers.
  static func inBlocks<Context>(
    _ y: TensorView, _ a: TensorView, _ b: TensorView?, _ context: Context, _ kernel: BlockKernel
  ) {
    precondition(y.count == a.count && (b?.count ?? a.count) == a.count, "\(a.count) numbers into \(y.count)")
    withUnsafePointer(to: context) { context in
      Crew.split(
        a.count, cost: a.count / 2, unit: elementUnit,
        over: (kernel, UnsafeRawPointer(context), Block(y), Block(a), b.map(Block.init))
      ) { task, part in
        let (kernel, context, y, a, b) = task
        ck_in_blocks(
          kernel, context, y.base + part.lowerBound * y.size, y.isFloat, a.base + part.lowerBound * a.size, a.isFloat,
          b.map { $0.base + part.lowerBound * $0.size }, b?.isFloat ?? 1, Int64(part.lowerBound), Int64(part.count))
      }
    }
  }

  /// A tensor as C has it.
  private struct Block {
    let base: UnsafeMutableRawPointer
    let isFloat: Int32
    /// Bytes of a number.
    var size: Int { bytesOfNumber(isFloat) }

    init(_ view: TensorView) { (base, isFloat) = (view.base, view.isFloat ? 1 : 0) }
  }
}
