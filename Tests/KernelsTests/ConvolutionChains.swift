import Kernels

extension ConvolutionTests.Passes {
  /// y, dx and dweight by the formulas of `CKernelsConvolutions.h`: each element one chain of fused multiply-adds.
  func chains() -> [[Float]] {
    let (H, W, I) = (shape.input.height, shape.input.width, shape.inputChannels)
    let (P, Q, O) = (shape.output.height, shape.output.width, shape.outputChannels)
    let (window, C, outs) = (shape.window, I / shape.groups, O / shape.groups)
    let (K, L) = (window.kernel.height, window.kernel.width)
    let before = window.padding(for: shape.input).before
    /// The number of a pixel; nil beside the image.
    func pixel(_ n: Int, _ row: Int, _ column: Int, _ rows: Int, _ columns: Int) -> Int? {
      (0..<rows).contains(row) && (0..<columns).contains(column) ? (n * rows + row) * columns + column : nil
    }
    var (y, dx) = ([Float](repeating: 0, count: dy.count), [Float](repeating: 0, count: x.count))
    var dweight = [Float](repeating: 0, count: weight.count)
    for n in 0..<shape.samples {
      for (p, q, o) in places(P, Q, O) {
        let out = ((n * P + p) * Q + q) * O + o
        var sum: Float = 0
        for (i, j, c) in places(K, L, C) {
          let read = pixel(
            n, p * window.stride.height + i * window.dilation.height - before.height,
            q * window.stride.width + j * window.dilation.width - before.width, H, W)
          let value = read.map { x[$0 * I + o / outs * C + c] } ?? 0
          let w = ((o * C + c) * K + i) * L + j
          sum.addProduct(value, weight[w])
          dweight[w].addProduct(value, dy[out])
        }
        y[out] = shape.hasBias ? sum + bias[o] : sum
      }
      for (h, w, c) in places(H, W, I) {
        var sum: Float = 0
        for (i, j, o) in places(K, L, outs) {
          let row = h + before.height - i * window.dilation.height
          let column = w + before.width - j * window.dilation.width
          guard row % window.stride.height == 0, column % window.stride.width == 0 else { continue }
          let (reader, out) = (
            pixel(n, row / window.stride.height, column / window.stride.width, P, Q), c / C * outs + o
          )
          sum.addProduct(reader.map { dy[$0 * O + out] } ?? 0, weight[((out * C + c % C) * K + i) * L + j])
        }
        dx[((n * H + h) * W + w) * I + c] = sum
      }
    }
    return [y, dx, dweight]
  }

  /// All places of three extents, the last one first.
  private func places(_ a: Int, _ b: Int, _ c: Int) -> [(Int, Int, Int)] {
    (0..<a * b * c).map { ($0 / c / b, $0 / c % b, $0 % c) }
  }
}
