import CKernels

/// What a pixel of a smaller picture is a weighted sum of.
package enum ResizeFilter: String, Sendable, CaseIterable {
  /// Triangles, as wide as two pixels of the result, or of the picture where that is made larger.
  case triangle
  /// The mean of the pixels that it covers.
  case area

  /// How far from its middle a filter reaches, in pixels of the result.
  var support: Double {
    switch self {
    case .triangle: 1
    case .area: 0.5
    }
  }

  func weight(_ distance: Double) -> Double {
    switch self {
    case .triangle: max(0, 1 - abs(distance))
    case .area: distance > -0.5 && distance <= 0.5 ? 1 : 0
    }
  }
}

/// The weights of a resize along one side of a picture, in fixed point.
///
/// With I inputs, of which those in [start, start + length) become O outputs, and s = length / O: output o has its middle at
/// start + (o + ½)·s; the filter is stretched by max(s, 1), so that no pixel is passed over. Weights are computed in double precision
/// by additions, multiplications and divisions alone, divided by their sum and rounded to 22 bits behind the point. These are the sums
/// of Pillow's `Image.resize`, so that its pixels are the same.
final class ResizeAxis {
  private struct Setting: Equatable {
    var inputs = 0
    var start = 0.0
    var length = 0.0
    var outputs = 0
    var filter = ResizeFilter.triangle
  }

  private var setting = Setting()
  private var firsts: [Int32] = []
  private var counts: [Int32] = []
  private var weights: [Int32] = []
  private var sums: [Double] = []
  private var taps = 0

  /// Whether outputs are inputs, one by one.
  var isIdentity: Bool {
    setting.inputs == setting.outputs && setting.start == 0 && setting.length == Double(setting.inputs)
  }

  func set(inputs: Int, start: Double, length: Double, outputs: Int, filter: ResizeFilter) {
    let new = Setting(inputs: inputs, start: start, length: length, outputs: outputs, filter: filter)
    guard new != setting else { return }
    setting = new
    let scale = length / Double(outputs)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    taps = Int(support.rounded(.up)) * 2 + 1
    firsts.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    for output in 0..<outputs {
      let middle = start + (Double(output) + 0.5) * scale
      let first = max(0, Int(middle - support + 0.5))
      let end = min(inputs, Int(middle + support + 0.5))
      sums.removeAll(keepingCapacity: true)
      var total = 0.0
      for input in first..<end {
        let weight = filter.weight((Double(input) - middle + 0.5) * (1 / stretch))
        sums.append(weight)
        total += weight
      }
      firsts.append(Int32(first))
      counts.append(Int32(sums.count))
      for tap in 0..<taps {
        let weight = tap < sums.count && total != 0 ? sums[tap] / total : 0
        weights.append(Int32(0.5 + weight * Double(1 << CK_WEIGHT_BITS)))
      }
    }
  }

  /// Lends the weights.
  func with(_ body: (UnsafePointer<ck_resize_axis>) -> Void) {
    firsts.withUnsafeBufferPointer { firsts in
      counts.withUnsafeBufferPointer { counts in
        weights.withUnsafeBufferPointer { weights in
          var axis = ck_resize_axis(
            firsts: firsts.baseAddress, counts: counts.baseAddress, weights: weights.baseAddress, taps: taps,
            outputs: firsts.count)
          body(&axis)
        }
      }
    }
  }
}
