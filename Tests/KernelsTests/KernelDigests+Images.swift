import CKernelsPaths
import Kernels
import Tensors

/// Those of layers of images: pools, batch norms, Winograd's transforms.
extension KernelDigests {
  /// Pools of two samples of 5×4, `count` channels, with windows that overlap and reach over the edge, and that tile.
  mutating func pools(_ path: ck_path) {
    let windows: [(String, Int64, Int64)] = [("overlapping", 3, 1), ("tiling", 2, 0)]
    for (name, kernel, padding) in windows {
      func shape(_ count: Int) -> ck_pooling {
        ck_pooling(
          samples: 2, channels: Int64(count), input: (6, 4), output: (3, 2), kernel: (kernel, kernel),
          stride: (2, 2), padding: (padding, padding), isAdaptive: 0, isOwnArea: 0)
      }
      note("max pool, \(name)") { count in
        var shape = shape(count)
        let (x, dy) = (floats(uniform(48 * count, 2)), floats(uniform(12 * count, 1, stream: 1)))
        let (y, dx) = (floats(count: 12 * count), floats(count: 48 * count))
        var places = [UInt8](repeating: 0, count: 12 * count)
        path.max_pool_forward(y.base, &places, x.base, &shape)
        path.max_pool_backward(dx.base, dy.base, places, &shape)
        return Array(y.bytes) + places + Array(dx.bytes)
      }
      note("average pool, \(name)") { count in
        var shape = shape(count)
        let (x, dy) = (floats(uniform(48 * count, 2)), floats(uniform(12 * count, 1, stream: 1)))
        let (y, dx) = (floats(count: 12 * count), floats(count: 48 * count))
        path.average_pool_forward(y.base, x.base, &shape)
        path.average_pool_backward(dx.base, dy.base, &shape)
        return Array(y.bytes) + Array(dx.bytes)
      }
      note("bfloat16 pools, \(name)") { count in
        var shape = shape(count)
        let (x, dy) = (halves(uniform(48 * count, 2)), halves(uniform(12 * count, 1, stream: 1)))
        let (y, mean, dx, dmean) = (
          halves(count: 12 * count), halves(count: 12 * count), halves(count: 48 * count), halves(count: 48 * count)
        )
        var places = [UInt8](repeating: 0, count: 12 * count)
        path.bfloat16_max_pool_forward(y.base, &places, x.base, &shape)
        path.bfloat16_max_pool_backward(dx.base, dy.base, places, &shape)
        path.bfloat16_average_pool_forward(mean.base, x.base, &shape)
        path.bfloat16_average_pool_backward(dmean.base, dy.base, &shape)
        return [y, mean, dx, dmean].flatMap(\.bytes) + places
      }
    }
  }

  /// Seventy rows: two full blocks of a sum and a part of one.
  mutating func batchNorm(_ path: ck_path) {
    let rows = 70
    note("batch norm") { count in
      let (x, dy) = (floats(uniform(rows * count, 2)), floats(uniform(rows * count, 1, stream: 1)))
      let (scale, shift) = (floats(uniform(count, 1, stream: 2)), floats(uniform(count, 1, stream: 3)))
      let (mean, variance) = (floats(count: count), floats(count: count))
      let (y, dx) = (floats(count: rows * count), floats(count: rows * count))
      var (sums, products) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
      let (R, C) = (Int64(rows), Int64(count))
      path.batch_moments(mean.base, variance.base, &sums, x.base, R, C)
      path.channel_affine(y.base, x.base, mean.base, scale.base, shift.base, R, C)
      path.batch_norm_sums(&sums, &products, dy.base, x.base, mean.base, R, C)
      path.batch_norm_backward(
        dx.base, dy.base, x.base, mean.base, scale.base, shift.base, variance.base, R, C)
      return [mean, variance, y, dx].flatMap { Array($0.bytes) }
        + (sums + products).withUnsafeBytes { Array($0) }
    }
    note("bfloat16 batch norm") { count in
      let (x, dy) = (halves(uniform(rows * count, 2)), halves(uniform(rows * count, 1, stream: 1)))
      let (scale, shift) = (floats(uniform(count, 1, stream: 2)), floats(uniform(count, 1, stream: 3)))
      let (mean, variance) = (floats(count: count), floats(count: count))
      let (y, dx) = (halves(count: rows * count), halves(count: rows * count))
      var (sums, products) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
      let (R, C) = (Int64(rows), Int64(count))
      path.bfloat16_batch_moments(mean.base, variance.base, &sums, x.base, R, C)
      path.bfloat16_channel_affine(y.base, x.base, mean.base, scale.base, shift.base, R, C)
      path.bfloat16_batch_norm_sums(&sums, &products, dy.base, x.base, mean.base, R, C)
      path.bfloat16_batch_norm_backward(
        dx.base, dy.base, x.base, mean.base, scale.base, shift.base, variance.base, R, C)
      return [mean, variance].flatMap { Array($0.bytes) } + [y, dx].flatMap(\.bytes)
        + (sums + products).withUnsafeBytes { Array($0) }
    }
  }

  /// Two samples of 7×6 with padding, 16 channels or 32: tiles inside, at each edge and beyond the output.
  mutating func winograd(_ path: ck_path) {
    note("winograd") { count in
      let C = count % 2 == 0 ? 16 : 32
      var shape = ck_winograd(input: (7, 6), output: (7, 6), padding: (1, 1))
      let (x, bias) = (floats(uniform(2 * 42 * C, 2, stream: UInt64(count))), floats(uniform(C, 1, stream: 1)))
      let plane = Int(ck_winograd_plane(8, Int64(C)))
      let (tiles, gradients) = (floats(count: 36 * plane), floats(count: 36 * plane))
      let y = floats(count: 2 * 42 * C)
      path.winograd_input(tiles.base, x.base, &shape, 0, 8, Int64(C))
      path.winograd_output(y.base, tiles.base, bias.base, &shape, 0, 8, Int64(C))
      path.winograd_output_gradient(gradients.base, y.base, &shape, 0, 8, Int64(C))
      func matrices(_ all: FloatView) -> [UInt8] {
        (0..<36).flatMap { Array(all[$0 * plane..<$0 * plane + 8 * C].bytes) }
      }
      return matrices(tiles) + Array(y.bytes) + matrices(gradients)
    }
    note("bfloat16 winograd") { count in
      let C = count % 2 == 0 ? 16 : 32
      var shape = ck_winograd(input: (7, 6), output: (7, 6), padding: (1, 1))
      let (x, bias) = (halves(uniform(2 * 42 * C, 2, stream: UInt64(count))), floats(uniform(C, 1, stream: 1)))
      let plane = Int(ck_winograd_plane(8, Int64(C)))
      let (tiles, gradients) = (floats(count: 36 * plane), floats(count: 36 * plane))
      let y = halves(count: 2 * 42 * C)
      path.bfloat16_winograd_input(tiles.base, x.base, &shape, 0, 8, Int64(C))
      path.bfloat16_winograd_output(y.base, tiles.base, bias.base, &shape, 0, 8, Int64(C))
      path.bfloat16_winograd_output_gradient(gradients.base, y.base, &shape, 0, 8, Int64(C))
      return y.bytes + (0..<36).flatMap { Array(gradients[$0 * plane..<$0 * plane + 8 * C].bytes) }
    }
  }
}
