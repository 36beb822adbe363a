import CKernels
import Kernels

extension ConvolutionTests.Passes {
  /// y, dx and dweight by the formulas of `CKernelsConvolutions.h`: each element one chain of fused multiply-adds.
  func chains() -> [[Float]] {
    let (H, W, I) = (shape.input.height, shape.input.width, shape.inputChannels)
    let (P, Q, O) = (shape.output.height, shape.output.width, shape.outputChannels)
    let (window, C, outs) = (shape.window, I / shape.groups, O / shape.groups)
    let (K, L) = (window.kernel.height, window.kernel.width)
    let before = window.padding(for: shape.input).before
    let (x, weight, dy) = (factors(x), factors(weight), factors(dy))
    /// The number of a pixel; nil beside the image.
    func pixel(_ n: Int, _ row: Int, _ column: Int, _ rows: Int, _ columns: Int) -> Int? {
      (0..<rows).contains(row) && (0..<columns).contains(column) ? (n * rows + row) * columns + column : nil
    }
    /// The pixel of the input that output (p, q) reads by element (i, j) of the kernel.
    func read(_ n: Int, _ p: Int, _ q: Int, _ i: Int, _ j: Int) -> Int? {
      pixel(
        n, p * window.stride.height + i * window.dilation.height - before.height,
        q * window.stride.width + j * window.dilation.width - before.width, H, W)
    }
    var (y, dx) = ([Float](repeating: 0, count: dy.count), [Float](repeating: 0, count: x.count))
    var dweight = [Float](repeating: 0, count: weight.count)
    let (channels, outputs) = (order(C), order(outs))
    for n in 0..<shape.samples {
      for (p, q, o) in places(P, Q, O) {
        var sum: Float = 0
        for (i, j, step) in places(K, L, channels.count) {
          let c = channels[step]
          let value = c < C ? read(n, p, q, i, j).map { x[$0 * I + o / outs * C + c] } ?? 0 : 0
          sum.addProduct(value, c < C ? weight[((o * C + c) * K + i) * L + j] : 0)
        }
        y[((n * P + p) * Q + q) * O + o] = shape.hasBias ? sum + bias[o] : sum
      }
      for (h, w, c) in places(H, W, I) {
        var sum: Float = 0
        for (i, j, step) in places(K, L, outputs.count) {
          let row = h + before.height - i * window.dilation.height
          let column = w + before.width - j * window.dilation.width
          guard row % window.stride.height == 0, column % window.stride.width == 0 else { continue }
          let (o, isThere) = (c / C * outs + outputs[step], outputs[step] < outs)
          let reader = isThere ? pixel(n, row / window.stride.height, column / window.stride.width, P, Q) : nil
          sum.addProduct(
            reader.map { dy[$0 * O + o] } ?? 0, isThere ? weight[((o * C + c % C) * K + i) * L + j] : 0)
        }
        dx[((n * H + h) * W + w) * I + c] = sum
      }
      for p in 0..<P {
        for q in order(Q) {
          for (o, c, element) in places(O, C, K * L) {
            let value = read(n, p, q, element / L, element % L).map { x[$0 * I + o / outs * C + c] } ?? 0
            dweight[(o * C + c) * K * L + element].addProduct(value, q < Q ? dy[((n * P + p) * Q + q) * O + o] : 0)
          }
        }
      }
    }
    return [y, dx, dweight]
  }

  /// Not where it is depthwise: each channel a group.
  private var isRounded: Bool {
    shape.precision == .bfloat16 && (shape.groups == 1 || shape.groups < max(shape.inputChannels, shape.outputChannels))
  }

  private func factors(_ values: [Float]) -> [Float] {
    guard isRounded else { return values }
    var (rounded, widened) = ([UInt16](repeating: 0, count: values.count), values)
    ck_bfloat16_round(&rounded, values, Int64(values.count))
    ck_bfloat16_widen(&widened, rounded, Int64(values.count))
    return widened
  }

  /// The steps of a chain over `count` numbers; in bfloat16 by pairs, the odd one before the even one.
  private func order(_ count: Int) -> [Int] { isRounded ? (0..<(count + 1) / 2 * 2).map { $0 ^ 1 } : Array(0..<count) }

  /// All places of three extents, the last one first.
  private func places(_ a: Int, _ b: Int, _ c: Int) -> [(Int, Int, Int)] {
    (0..<a * b * c).map { ($0 / c / b, $0 / c % b, $0 % c) }
  }
}
