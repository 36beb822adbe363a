import CKernels
import Foundation
import Kernels
import Tensors
import Testing

/// Attention of every instruction set against its definition, bit for bit.
@Suite struct AttentionTests {
  struct Results: Equatable {
    var outputs: [UInt32], gradients: [UInt32]
  }

  /// Forward and backward of the heads in turn, `part` of them a call; scratch is full of NaN, and ends where it says.
  static func results(_ shape: AttentionShape, qkv: [Float], up: [Float], part: Int? = nil) -> Results {
    let kernel = AttentionKernel(shape)
    let (input, gradient) = (floats(qkv), floats(up))
    let (outputs, dqkv) = (floats(nans(up.count)), floats(nans(qkv.count)))
    let statistics = floats(nans(shape.statisticsCount))
    let (forward, backward) = (floats(nans(kernel.forwardScratch + 9)), floats(nans(kernel.backwardScratch + 9)))
    for first in stride(from: 0, to: shape.allHeads.count, by: part ?? shape.allHeads.count) {
      let heads = part.map { first..<min(first + $0, shape.allHeads.count) }
      kernel.forward(
        input, heads: heads, into: outputs, statistics: statistics, scratch: forward[0..<kernel.forwardScratch])
      kernel.backward(
        gradient, qkv: input, statistics: statistics, heads: heads, into: dqkv,
        scratch: backward[0..<kernel.backwardScratch])
    }
    #expect(forward.array.suffix(9).allSatisfy(\.isNaN) && backward.array.suffix(9).allSatisfy(\.isNaN))
    return Results(outputs: outputs.array.map(\.bitPattern), gradients: dqkv.array.map(\.bitPattern))
  }

  private static func nans(_ count: Int) -> [Float] { [Float](repeating: .nan, count: count) }

  private func expectDefinition(_ shape: AttentionShape, limit: Float = 2) {
    let (qkv, up) = (uniform(3 * shape.outputCount, limit), uniform(shape.outputCount, 1, stream: 1))
    let chains = AttentionChains(shape, qkv: qkv, up: up)
    let expected = Results(
      outputs: chains.outputs.map(\.bitPattern), gradients: chains.gradients.map(\.bitPattern))
    for path in ProductDraws.paths {
      let found = onPath(path) { Self.results(shape, qkv: qkv, up: up) }
      if found != expected {
        Issue.record("\(shape) by \(String(cString: ck_product_name(path))): other bits than its definition")
      }
    }
  }

  /// Every number of positions up to and around a block, each with widths of a head that all occur.
  @Test(arguments: [false, true])
  func allSmallExtentsAreThoseOfTheDefinition(isCausal: Bool) {
    for (place, T) in (Array(1...70) + Array(127...130)).enumerated() {
      for d in [place % 70 + 1, (place * 13 + 32) % 70 + 1] {
        let heads = (T + d) % 3 + 1
        expectDefinition(
          AttentionShape(samples: 1 + d % 2, positions: T, width: heads * d, heads: heads, isCausal: isCausal))
      }
    }
  }

  /// Shares that are next to nothing beside one: exponentials below and at zero.
  @Test func farScoresAreThoseOfTheDefinition() {
    Kernels.asLane {
      expectDefinition(
        AttentionShape(samples: 1, positions: 40, width: 32, heads: 2, isCausal: true), limit: 12)
    }
  }

  /// Heads are computed one at a time, two at a time and together: a lane may share them among threads.
  @Test(arguments: [1, 2, 4])
  func headsAreIndependent(part: Int) {
    let shape = AttentionShape(samples: 2, positions: 67, width: 60, heads: 3, isCausal: true)
    let (qkv, up) = (uniform(3 * shape.outputCount, 2), uniform(shape.outputCount, 1, stream: 1))
    #expect(Self.results(shape, qkv: qkv, up: up, part: part) == Self.results(shape, qkv: qkv, up: up))
  }

  /// As a model of text writes on: what lies behind is not read, not even where it is no number.
  @Test(arguments: [0..<1, 3..<4, 69..<70, 0..<2, 5..<12, 20..<70, 63..<65])
  func positionsNeedNoLaterOnes(positions: Range<Int>) {
    let shape = AttentionShape(samples: 1, positions: 70, width: 24, heads: 2, isCausal: true)
    let kernel = AttentionKernel(shape)
    let qkv = uniform(3 * shape.outputCount, 2)
    var cut = qkv
    for place in positions.upperBound * 3 * shape.width..<cut.count { cut[place] = .nan }
    let (all, some) = (floats(count: shape.outputCount), floats(Self.nans(shape.outputCount)))
    let (allStatistics, someStatistics) = (
      floats(count: shape.statisticsCount), floats(Self.nans(shape.statisticsCount))
    )
    let scratch = floats(Self.nans(kernel.forwardScratch))
    kernel.forward(floats(qkv), into: all, statistics: allStatistics, scratch: scratch)
    kernel.forward(
      floats(cut), positions: positions, into: some, statistics: someStatistics, scratch: scratch)
    for place in 0..<shape.outputCount {
      let isAsked = positions.contains(place / shape.width)
      #expect(isAsked ? some[place] == all[place] : some[place].isNaN, "\(place)")
    }
    for place in 0..<shape.statisticsCount {
      let isAsked = positions.contains(place % shape.positions)
      #expect(isAsked ? someStatistics[place] == allStatistics[place] : someStatistics[place].isNaN, "\(place)")
    }
  }

  /// A score that is no number makes its query's output none, and those of queries that see its key; no others.
  @Test func whatIsNoNumberIsSeen() {
    let shape = AttentionShape(samples: 1, positions: 20, width: 16, heads: 1, isCausal: true)
    var qkv = uniform(3 * shape.outputCount, 1)
    qkv[(7 * 3 + 1) * 16 + 5] = .nan
    let outputs = Self.results(shape, qkv: qkv, up: uniform(shape.outputCount, 1)).outputs
    for place in 0..<shape.outputCount {
      #expect(Float(bitPattern: outputs[place]).isNaN == (place / 16 >= 7), "\(place)")
    }
  }

  /// Tolerance: 1e-5, some dozens of roundings of 6e-8 of numbers of at most 4.
  @Test func outputsAreTheSoftmaxOfDoubles() {
    let shape = AttentionShape(samples: 1, positions: 33, width: 20, heads: 1, isCausal: true)
    let qkv = uniform(3 * shape.outputCount, 2)
    let outputs = Self.results(shape, qkv: qkv, up: uniform(shape.outputCount, 1)).outputs
    func number(_ part: Int, _ t: Int, _ c: Int) -> Double { Double(qkv[(t * 3 + part) * 20 + c]) }
    for q in 0..<33 {
      let e = (0...q).map { k in
        exp((0..<20).reduce(0) { $0 + number(0, q, $1) * number(1, k, $1) } / 20.0.squareRoot())
      }
      for c in 0..<20 {
        let expected = (0...q).reduce(0) { $0 + e[$1] * number(2, $1, c) } / e.reduce(0, +)
        #expect(abs(Double(Float(bitPattern: outputs[q * 20 + c])) - expected) < 1e-5, "\(q), \(c)")
      }
    }
  }
}
