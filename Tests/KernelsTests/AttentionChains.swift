import CKernels
import Kernels

/// An attention by the formulas of `CKernelsAttention.h`, a number at a time: products as chains of fused multiply-adds, sums of
/// a softmax as sixteen, key k into sum k mod 16.
struct AttentionChains {
  let shape: AttentionShape
  var form = AttentionForm()
  /// Whether factors of products and outputs are rounded to bfloat16, and the odd step of each pair comes first.
  let isRounded: Bool
  let qkv: [Float]
  /// The gradient of the outputs.
  let up: [Float]
  private(set) var outputs: [Float]
  private(set) var gradients: [Float]

  /// Queries whose chains over the keys end with the same one.
  static let group = 8

  init(
    _ shape: AttentionShape, _ form: AttentionForm = AttentionForm(), isRounded: Bool = false, qkv: [Float], up: [Float]
  ) {
    (self.shape, self.form, self.isRounded, self.qkv, self.up) = (shape, form, isRounded, qkv, up)
    outputs = [Float](repeating: 0, count: up.count)
    gradients = [Float](repeating: 0, count: qkv.count)
    for head in shape.allHeads { compute(sample: head / shape.heads, head: head % shape.heads) }
  }

  private var d: Int { shape.headWidth }

  private mutating func compute(sample: Int, head: Int) {
    let (K, D, T) = (shape.keyWidth, shape.width, shape.positions)
    let S = shape.memory ?? T
    let (row, of) = (D + 2 * K, head / shape.sharing * d)
    /// Where position t of queries, keys (0) and values (1) begins; and of outputs.
    func query(_ t: Int) -> Int { (sample * T + t) * (shape.memory == nil ? row : D) + head * d }
    func key(_ part: Int, _ t: Int) -> Int {
      shape.memory == nil
        ? (sample * T + t) * row + D + part * K + of
        : shape.samples * T * D + (sample * S + t) * 2 * K + part * K + of
    }
    func output(_ t: Int) -> Int { (sample * T + t) * D + head * d }
    func dot(_ a: [Float], _ first: Int, _ b: [Float], _ second: Int) -> Float {
      chain(d) { (a[first + $0], b[second + $0]) }
    }
    var queries = form.lengths.map { Int($0[sample]) } ?? T
    let keys = (shape.memory == nil ? form.lengths : form.memoryLengths).map { Int($0[sample]) } ?? S
    if keys == 0 { queries = 0 }
    let scale = 1 / Float(d).squareRoot()
    let slope = form.slopes.map { $0[head] / scale }
    var (kept, slopes): ([[Float]], [[Float]]) = ([], [])
    for q in 0..<queries {
      let seen = shape.isCausal ? q + 1 : keys
      let first = shape.window.map { max(0, q - $0 + 1) } ?? 0
      let scores = (0..<seen).map { k in
        guard k >= first else { return -Float.infinity }
        let product = dot(qkv, query(q), qkv, key(0, k))
        return (slope.map { product - $0 * Float(abs(q - k)) } ?? product) * scale
      }
      let maximum = scores.max()!
      let exponentials = apply({ ck_exp($1.base, $0.base, Int64(seen)) }, scores.map { $0 - maximum })
        .enumerated().map { $0.offset < first ? 0 : $0.element }
      let inverse = 1 / Self.sum(exponentials)
      let p = exponentials.map { $0 * inverse }
      let factors = (0..<seen).map { form.factor(sample, head, q, $0) }
      let dp = (0..<seen).map { dot(up, output(q), qkv, key(1, $0)) * factors[$0] }
      let mean = Self.sum(zip(p, dp).map { $0 * $1 })
      let hidden = [Float](repeating: 0, count: keys - seen)
      kept.append(zip(p, factors).map { $0 * $1 } + hidden)
      slopes.append(zip(p, dp).map { $0 * ($1 - mean) * scale } + hidden)
    }
    for q in 0..<queries {
      let last = shape.isCausal ? min(queries, (q / Self.group + 1) * Self.group) : keys
      for c in 0..<d {
        let sum = chain(last) { (kept[q][$0], qkv[key(1, $0) + c]) }
        outputs[output(q) + c] = isRounded ? sum.roundedToBFloat16 : sum
        gradients[query(q) + c] = chain(last) { (slopes[q][$0], qkv[key(0, $0) + c]) }
      }
    }
    // Heads of queries that share keys go on with their chains.
    for k in 0..<(queries > 0 ? keys : 0) {
      for c in 0..<d {
        gradients[key(0, k) + c] = chain(queries, from: gradients[key(0, k) + c]) {
          (slopes[$0][k], qkv[query($0) + c])
        }
        gradients[key(1, k) + c] = chain(queries, from: gradients[key(1, k) + c]) { (kept[$0][k], up[output($0) + c]) }
      }
    }
  }

  private func chain(_ count: Int, from start: Float = 0, _ factors: (Int) -> (Float, Float)) -> Float {
    var sum = start
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

/// What an attention is besides its shape.
struct AttentionForm {
  /// H
  var slopes: [Float]?
  /// B each
  var lengths: [Int32]?
  var memoryLengths: [Int32]?
  /// What a probability of sample, head, query and key is multiplied by: by 1 where nothing is dropped.
  var factor: (Int, Int, Int, Int) -> Float = { _, _, _, _ in 1 }
}

extension Float {
  /// To nearest, ties to even; of numbers that are no denormals.
  var roundedToBFloat16: Float {
    let bits = bitPattern
    return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
  }
}
