import CKernels
import Kernels

/// An attention by the formulas of `CKernelsAttention.h`, a number at a time: products as chains of fused multiply-adds, sums of
/// a softmax as sixteen, key k into sum k mod 16.
struct AttentionChains {
  let shape: AttentionShape
  /// Whether factors of products and outputs are rounded to bfloat16, and the odd step of each pair comes first.
  let isRounded: Bool
  let qkv: [Float]
  /// The gradient of the outputs.
  let up: [Float]
  private(set) var outputs: [Float]
  private(set) var gradients: [Float]

  /// Queries whose chains over the keys end with the same one.
  static let group = 8

  init(_ shape: AttentionShape, isRounded: Bool = false, qkv: [Float], up: [Float]) {
    (self.shape, self.isRounded, self.qkv, self.up) = (shape, isRounded, qkv, up)
    outputs = [Float](repeating: .nan, count: up.count)
    gradients = [Float](repeating: .nan, count: qkv.count)
    for head in shape.allHeads { compute(sample: head / shape.heads, head: head % shape.heads) }
  }

  private var T: Int { shape.positions }
  private var d: Int { shape.width / shape.heads }

  private mutating func compute(sample: Int, head: Int) {
    /// Where position t of queries (0), keys (1) and values (2) begins; and of outputs.
    func place(_ part: Int, _ t: Int) -> Int { ((sample * T + t) * 3 + part) * shape.width + head * d }
    func output(_ t: Int) -> Int { (sample * T + t) * shape.width + head * d }
    func dot(_ a: [Float], _ first: Int, _ b: [Float], _ second: Int) -> Float {
      chain(d) { (a[first + $0], b[second + $0]) }
    }
    let scale = 1 / Float(d).squareRoot()
    var (probabilities, slopes): ([[Float]], [[Float]]) = ([], [])
    for q in 0..<T {
      let seen = shape.isCausal ? q + 1 : T
      let scores = (0..<seen).map { dot(qkv, place(0, q), qkv, place(1, $0)) * scale }
      let maximum = scores.max()!
      let exponentials = apply({ ck_exp($1.base, $0.base, Int64(seen)) }, scores.map { $0 - maximum })
      let inverse = 1 / Self.sum(exponentials)
      let p = exponentials.map { $0 * inverse }
      let dp = (0..<seen).map { dot(up, output(q), qkv, place(2, $0)) }
      let mean = Self.sum(zip(p, dp).map { $0 * $1 })
      let hidden = [Float](repeating: 0, count: T - seen)
      probabilities.append(p + hidden)
      slopes.append(zip(p, dp).map { $0 * ($1 - mean) * scale } + hidden)
    }
    for q in 0..<T {
      let keys = shape.isCausal ? min(T, (q / Self.group + 1) * Self.group) : T
      for c in 0..<d {
        let sum = chain(keys) { (probabilities[q][$0], qkv[place(2, $0) + c]) }
        outputs[output(q) + c] = isRounded ? sum.roundedToBFloat16 : sum
        gradients[place(0, q) + c] = chain(keys) { (slopes[q][$0], qkv[place(1, $0) + c]) }
      }
    }
    for k in 0..<T {
      for c in 0..<d {
        gradients[place(1, k) + c] = chain(T) { (slopes[$0][k], qkv[place(0, $0) + c]) }
        gradients[place(2, k) + c] = chain(T) { (probabilities[$0][k], up[output($0) + c]) }
      }
    }
  }

  private func chain(_ count: Int, _ factors: (Int) -> (Float, Float)) -> Float {
    var sum: Float = 0
    for step in 0..<(isRounded ? (count + 1) / 2 * 2 : count) {
      let place = isRounded ? step ^ 1 : step
      guard place < count else { continue }
      let (a, b) = factors(place)
      sum.addProduct(isRounded ? a.roundedToBFloat16 : a, isRounded ? b.roundedToBFloat16 : b)
    }
    return sum
  }

  /// Sixteen sums, joined in halves.
  private static func sum(_ values: [Float]) -> Float {
    var sums = [Float](repeating: 0, count: 16)
    for (place, value) in values.enumerated() { sums[place % 16] += value }
    for width in [8, 4, 2, 1] {
      for place in 0..<width { sums[place] += sums[place + width] }
    }
    return sums[0]
  }
}

extension Float {
  /// To nearest, ties to even; of numbers that are no denormals.
  var roundedToBFloat16: Float {
    let bits = bitPattern
    return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
  }
}
