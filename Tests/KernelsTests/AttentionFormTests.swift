import CKernels
import Kernels
import Tensors
import Testing

/// Attention's forms of every instruction set against their definition, bit for bit: heads that share keys, a memory, windows, slopes,
/// ends of sequences, and what is dropped.
@Suite struct AttentionFormTests {
  struct Case {
    var shape: AttentionShape
    var form = AttentionForm()
    var drops = false
  }

  /// Around a block of 64 queries, and widths of a head with and without whole vectors.
  private static var cases: [Case] {
    var drawn: UInt64 = 0
    func number(_ range: ClosedRange<Int>) -> Int {
      drawn += 1
      return range.lowerBound + Int(Philox(key: SIMD2(7, 8)).block(stream: 0, index: drawn).x) % range.count
    }
    return (0..<48).map { place in
      let (keyHeads, sharing, d) = (number(1...2), number(1...3), [1, 5, 8, 16, 20, 32, 33][number(0...6)])
      let heads = keyHeads * sharing
      let T = [number(1...20), number(60...70), number(90...140)][place % 3]
      let memory = place % 4 == 0 ? number(1...90) : nil
      let isCausal = memory == nil && place % 2 == 1
      let shape = AttentionShape(
        samples: 2, positions: T, width: heads * d, heads: heads, isCausal: isCausal, keyHeads: keyHeads,
        memory: memory, window: isCausal && place % 3 > 0 ? number(1...T) : nil)
      var form = AttentionForm()
      if number(0...1) == 1 { form.slopes = (0..<heads).map { 1 / Float(1 << $0) } }
      if number(0...2) > 0 { form.lengths = [Int32(number(0...T)), Int32(number(1...T))] }
      if let memory, number(0...1) == 1 { form.memoryLengths = [Int32(number(0...memory)), Int32(number(1...memory))] }
      return Case(shape: shape, form: form, drops: number(0...1) == 1)
    }
  }

  private static let random = Philox(seed: 5, purpose: .dropout)

  /// What a probability of each sample, head, query and key becomes times: by the layer that drops elements of rows.
  private static func factors(_ shape: AttentionShape) -> (Int, Int, Int, Int) -> Float {
    let stripes = (shape.positions + 15) / 16, S = shape.memory ?? shape.positions
    let count = shape.heads * stripes * S * 16
    let all = (0..<shape.samples).map { sample in
      let (ones, made) = (floats([Float](repeating: 1, count: count)), floats(count: count))
      Kernels.dropout(
        .float32(ones), rate: 0.3, random: random, layer: 6, position: 40 + sample, step: 9, into: .float32(made))
      return made.array
    }
    return { sample, head, query, key in all[sample][((head * stripes + query / 16) * S + key) * 16 + query % 16] }
  }

  private func results(_ test: Case, qkv: [Float], up: [Float], precision: NumberFormat) -> [[UInt32]] {
    let kernel = AttentionKernel(test.shape, slopes: test.form.slopes, precision: precision)
    func nans(_ count: Int) -> FloatView { floats([Float](repeating: .nan, count: count)) }
    let input = TensorView(nans(precision.floats(qkv.count)), precision, count: qkv.count)
    let outputs = TensorView(nans(precision.floats(up.count)), precision, count: up.count)
    Kernels.copy(.float32(floats(qkv)), into: input)
    let (dqkv, statistics) = (nans(qkv.count), nans(test.shape.statisticsCount))
    let (forward, backward) = (nans(kernel.forwardScratch + 9), nans(kernel.backwardScratch + 9))
    func run(_ lengths: UnsafePointer<Int32>?, _ memoryLengths: UnsafePointer<Int32>?) {
      var pass = AttentionPass(lengths: lengths, memoryLengths: memoryLengths)
      if test.drops { pass.drop(0.3, random: Self.random, layer: 6, first: 40, step: 9) }
      kernel.forward(
        input, pass: pass, into: outputs, statistics: statistics, scratch: forward[0..<kernel.forwardScratch])
      kernel.backward(
        floats(up), qkv: input, statistics: statistics, pass: pass, into: dqkv,
        scratch: backward[0..<kernel.backwardScratch])
    }
    (test.form.lengths ?? [0]).withUnsafeBufferPointer { lengths in
      (test.form.memoryLengths ?? [0]).withUnsafeBufferPointer { memoryLengths in
        run(
          test.form.lengths == nil ? nil : lengths.baseAddress,
          test.form.memoryLengths == nil ? nil : memoryLengths.baseAddress)
      }
    }
    #expect(forward.array.suffix(9).allSatisfy(\.isNaN) && backward.array.suffix(9).allSatisfy(\.isNaN))
    let made = floats(count: up.count)
    Kernels.copy(outputs, into: .float32(made))
    return [made.array.map(\.bitPattern), dqkv.array.map(\.bitPattern)]
  }

  @Test(arguments: NumberFormat.allCases)
  func bitsAreThoseOfTheDefinition(precision: NumberFormat) {
    Kernels.asLane {
      for (place, test) in Self.cases.enumerated() {
        var (form, qkv) = (test.form, uniform(test.shape.projectionCount, 2, stream: UInt64(place)))
        if precision == .bfloat16 { qkv = qkv.map(\.roundedToBFloat16) }
        let up = uniform(test.shape.outputCount, 1, stream: 1)
        if test.drops { form.factor = Self.factors(test.shape) }
        let chains = AttentionChains(test.shape, form, isRounded: precision == .bfloat16, qkv: qkv, up: up)
        let expected = [chains.outputs.map(\.bitPattern), chains.gradients.map(\.bitPattern)]
        for path in ProductDraws.paths {
          let found = onPath(path) { results(test, qkv: qkv, up: up, precision: precision) }
          for (part, name) in ["outputs", "gradients"].enumerated() where found[part] != expected[part] {
            let first = found[part].indices.first { found[part][$0] != expected[part][$0] }!
            Issue.record(
              "\(place): \(name) of \(test.shape) by \(String(cString: ck_product_name(path))): at \(first) \(Float(bitPattern: found[part][first])), by definition \(Float(bitPattern: expected[part][first]))"
            )
          }
        }
      }
    }
  }

  /// Heads that share keys are computed together, some groups at a time.
  @Test func groupsOfHeadsAreIndependent() {
    let shape = AttentionShape(samples: 2, positions: 67, width: 60, heads: 6, isCausal: true, keyHeads: 2)
    let kernel = AttentionKernel(shape)
    let (qkv, up) = (floats(uniform(shape.projectionCount, 2)), floats(uniform(shape.outputCount, 1, stream: 1)))
    func gradients(part: Int) -> [Float] {
      let (outputs, statistics, dqkv) = (
        floats(count: shape.outputCount), floats(count: shape.statisticsCount), floats(count: shape.projectionCount)
      )
      let scratch = floats(count: max(kernel.forwardScratch, kernel.backwardScratch))
      kernel.forward(.float32(qkv), into: .float32(outputs), statistics: statistics, scratch: scratch)
      for first in stride(from: 0, to: 12, by: part) {
        kernel.backward(
          up, qkv: .float32(qkv), statistics: statistics, heads: first..<first + part, into: dqkv, scratch: scratch)
      }
      return dqkv.array
    }
    let all = gradients(part: 12)
    #expect(gradients(part: 3) == all && gradients(part: 6) == all)
  }

  /// Turning back is turning by minus the angle: within two roundings of numbers of at most 2.
  @Test(arguments: NumberFormat.allCases)
  func turnsGoBack(precision: NumberFormat) {
    let angles = Angles(positions: 5, columns: 6, base: 30)
    let numbers = uniform(2 * 5 * 22, 1).map { precision == .bfloat16 ? $0.roundedToBFloat16 : $0 }
    let view = TensorView(floats(count: precision.floats(numbers.count)), precision, count: numbers.count)
    Kernels.copy(.float32(floats(numbers)), into: view)
    func array() -> [Float] {
      let made = floats(count: numbers.count)
      Kernels.copy(view, into: .float32(made))
      return made.array
    }
    angles.rotate(view, width: 22, heads: 3, positions: 5)
    let turned = array()
    // The first position stands; the last four columns of a row are no head's.
    #expect(turned[..<22] == numbers[..<22] && turned[22..<44] != numbers[22..<44])
    #expect(Array(turned[40..<44]) == Array(numbers[40..<44]))
    angles.rotate(view, width: 22, heads: 3, positions: 5, back: true)
    let most = zip(array(), numbers).map { abs($0 - $1) }.max()!
    #expect(most < (precision == .float32 ? 3e-7 : 0.02))
  }
}
