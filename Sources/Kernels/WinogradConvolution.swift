import CKernels
import Tensors

// I input and O output channels, T tiles of a group of samples. U is 36×I×O, V 36×T×I, M and D 36×T×O.

/// Winograd's algorithm for a convolution by 3×3: a quarter of the multiplications, some transforms instead.
///
/// Lavin, Gray: *Fast algorithms for convolutional neural networks* (CVPR 2016), F(4×4, 3×3). The transforms are our own
/// loops, and so are the 36 products of matrices. It rounds about ten times as coarsely as the plain sum, in all passes.
struct WinogradConvolution: Sendable {
  private let shape: ConvolutionShape
  /// From x to y, and from dy to dx.
  private let forwardTiles: ck_winograd
  private let backwardTiles: ck_winograd
  /// Tiles that are transformed at a time: enough for a product, few enough for the second cache.
  private let together: Int

  /// Nil where the plain sum is quicker, or the algorithm does not apply.
  init?(_ shape: ConvolutionShape) {
    let (window, output) = (shape.window, shape.output)
    let (I, O) = (shape.inputChannels, shape.outputChannels)
    let before = window.padding(for: shape.input).before
    guard
      window.kernel == Plane(3), window.stride == Plane(1), window.dilation == Plane(1), shape.groups == 1,
      I % 16 == 0, O % 16 == 0, I * O >= 32 * 32, output.height >= 12, output.width >= 12,
      before.height <= 2, before.width <= 2
    else { return nil }
    self.shape = shape
    forwardTiles = ck_winograd(input: shape.input.axes, output: output.axes, padding: before.axes)
    backwardTiles = ck_winograd(
      input: output.axes, output: shape.input.axes,
      padding: Plane(height: 2 - before.height, width: 2 - before.width).axes)
    let tiles = shape.samples * max(forwardTiles.count, backwardTiles.count)
    together = min(tiles, max(48, 4608 / (I + O)))
  }

  /// Floats of scratch memory.
  var scratchCount: Int {
    let (I, O) = (shape.inputChannels, shape.outputChannels)
    return 36 * I * O + 2 * 36 * plane(together, max(I, O))
  }

  private struct Scratch {
    let U: UnsafeMutablePointer<Float>, V: UnsafeMutablePointer<Float>, M: UnsafeMutablePointer<Float>
  }

  private func divided(_ scratch: UnsafeMutablePointer<Float>) -> Scratch {
    let weights = 36 * shape.inputChannels * shape.outputChannels
    let half = (scratchCount - weights) / 2
    return Scratch(U: scratch, V: scratch + weights, M: scratch + weights + half)
  }

  /// Overwrites the first `samples` of `y`.
  func forward(
    _ x: UnsafeRawPointer, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    into y: UnsafeMutableRawPointer, samples: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let (I, O) = (shape.inputChannels, shape.outputChannels)
    ck_winograd_weight(scratch, weight, 0, Int64(I), Int64(O))
    convolve(
      Images(base: UnsafeMutableRawPointer(mutating: x), format: shape.inputFormat), forwardTiles, from: I, to: O,
      bias: bias, into: Images(base: y, format: shape.outputFormat), samples: samples, divided(scratch))
  }

  /// Overwrites the first `samples` of `dx`: the convolution of `dy` with the weights turned by half a turn.
  func backwardData(
    _ dy: UnsafeRawPointer, weight: UnsafePointer<Float>, into dx: UnsafeMutableRawPointer, samples: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (I, O) = (shape.inputChannels, shape.outputChannels)
    ck_winograd_weight(scratch, weight, 1, Int64(I), Int64(O))
    convolve(
      Images(base: UnsafeMutableRawPointer(mutating: dy), format: shape.outputFormat), backwardTiles, from: O, to: I,
      bias: nil, into: Images(base: dx, format: shape.inputFormat), samples: samples, divided(scratch))
  }

  /// Overwrites `dweight`, and `dbias` where given; tiles ascending.
  func backwardWeights(
    _ x: UnsafeRawPointer, _ dy: UnsafeRawPointer, weight dweight: UnsafeMutablePointer<Float>,
    bias dbias: UnsafeMutablePointer<Float>?, scratch: UnsafeMutablePointer<Float>
  ) {
    let (I, O) = (shape.inputChannels, shape.outputChannels)
    let memory = divided(scratch)
    let x = Images(base: UnsafeMutableRawPointer(mutating: x), format: shape.inputFormat)
    let dy = Images(base: UnsafeMutableRawPointer(mutating: dy), format: shape.outputFormat)
    let tiles = forwardTiles
    let all = shape.samples * tiles.count
    for first in stride(from: 0, to: all, by: together) {
      let T = min(together, all - first)
      let (ofInput, ofOutput) = (plane(T, I), plane(T, O))
      x.transformInput(into: memory.V, tiles, first, T, channels: I)
      dy.transformOutputGradient(into: memory.M, tiles, first, T, channels: O)
      for k in 0..<36 {
        var task = ck_product_task(
          M: Int64(I), N: Int64(O), K: Int64(T), A: ck_factor(base: memory.V + k * ofInput, row: 1, column: Int64(I)),
          B: ck_factor(base: memory.M + k * ofOutput, row: Int64(O), column: 1), C: memory.U + k * I * O,
          stride: Int64(O), adds: first == 0 ? 0 : 1, bias: nil, rowSums: nil, rowSumsGoOn: 0, epilogue: ck_epilogue(),
          packed: ck_packed())
        ck_product(&task)
      }
    }
    ck_winograd_weight_gradient(dweight, memory.U, Int64(I), Int64(O))
    guard let dbias else { return }
    // The tiles are no longer needed: room for O doubles.
    let sums = UnsafeMutableRawPointer(memory.V).assumingMemoryBound(to: Double.self)
    dy.sumChannels(into: sums, rows: shape.outputCount / O, channels: O)
    for o in 0..<O { dbias[o] = Float(sums[o]) }
  }

  /// Overwrites `y` with the convolution of `x` with the weights whose transform lies in U.
  private func convolve(
    _ x: Images, _ tiles: ck_winograd, from C: Int, to K: Int, bias: UnsafePointer<Float>?, into y: Images,
    samples: Int, _ memory: Scratch
  ) {
    let all = samples * tiles.count
    for first in stride(from: 0, to: all, by: together) {
      let T = min(together, all - first)
      let (ofInput, ofOutput) = (plane(T, C), plane(T, K))
      x.transformInput(into: memory.V, tiles, first, T, channels: C)
      for k in 0..<36 {
        var task = ck_product_task(
          M: Int64(T), N: Int64(K), K: Int64(C), A: ck_factor(base: memory.V + k * ofInput, row: Int64(C), column: 1),
          B: ck_factor(base: memory.U + k * C * K, row: Int64(K), column: 1), C: memory.M + k * ofOutput,
          stride: Int64(K), adds: 0, bias: nil, rowSums: nil, rowSumsGoOn: 0, epilogue: ck_epilogue(),
          packed: ck_packed())
        ck_product(&task)
      }
      y.assignOutputs(of: memory.M, bias: bias, tiles, first, T, channels: K)
    }
  }

  /// Floats from one of the 36 matrices of T×C to the next.
  private func plane(_ T: Int, _ C: Int) -> Int { Int(ck_winograd_plane(Int64(T), Int64(C))) }
}

/// Images of either kind of numbers, and what is done with `count` tiles of them from `first` on.
private struct Images {
  let base: UnsafeMutableRawPointer
  let format: NumberFormat

  private var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
  private var halves: UnsafeMutablePointer<UInt16> { base.assumingMemoryBound(to: UInt16.self) }

  /// Overwrites V with the transforms of inputs.
  func transformInput(
    into V: UnsafeMutablePointer<Float>, _ tiles: ck_winograd, _ first: Int, _ count: Int, channels C: Int
  ) {
    withUnsafePointer(to: tiles) { tiles in
      switch format {
      case .float32: ck_winograd_input(V, floats, tiles, Int64(first), Int64(count), Int64(C))
      case .bfloat16: ck_bfloat16_winograd_input(V, halves, tiles, Int64(first), Int64(count), Int64(C))
      }
    }
  }

  /// Overwrites D with the transforms of gradients of outputs.
  func transformOutputGradient(
    into D: UnsafeMutablePointer<Float>, _ tiles: ck_winograd, _ first: Int, _ count: Int, channels C: Int
  ) {
    withUnsafePointer(to: tiles) { tiles in
      switch format {
      case .float32: ck_winograd_output_gradient(D, floats, tiles, Int64(first), Int64(count), Int64(C))
      case .bfloat16: ck_bfloat16_winograd_output_gradient(D, halves, tiles, Int64(first), Int64(count), Int64(C))
      }
    }
  }

  /// Overwrites them with the outputs of M.
  func assignOutputs(
    of M: UnsafePointer<Float>, bias: UnsafePointer<Float>?, _ tiles: ck_winograd, _ first: Int, _ count: Int,
    channels C: Int
  ) {
    withUnsafePointer(to: tiles) { tiles in
      switch format {
      case .float32: ck_winograd_output(floats, M, bias, tiles, Int64(first), Int64(count), Int64(C))
      case .bfloat16: ck_bfloat16_winograd_output(halves, M, bias, tiles, Int64(first), Int64(count), Int64(C))
      }
    }
  }

  /// Overwrites `sums` (C) with those of the pixels.
  func sumChannels(into sums: UnsafeMutablePointer<Double>, rows R: Int, channels C: Int) {
    switch format {
    case .float32: ck_channel_sums(sums, floats, Int64(R), Int64(C))
    case .bfloat16: ck_bfloat16_channel_sums(sums, halves, Int64(R), Int64(C))
    }
  }
}

extension ck_winograd {
  /// Tiles of a sample.
  fileprivate var count: Int { Int((output.0 + 3) / 4 * ((output.1 + 3) / 4)) }
}
