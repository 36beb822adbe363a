import CKernels
import Foundation
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Kernels

/// A factor that is packed once: the bits of one that is not, by whomever it is packed, and never those of numbers that are gone.
@Suite struct PackedFactorTests {
  /// A (M×K), Bᵀ (N×K), and what both come to.
  private struct Work {
    let M: Int, N: Int, K: Int
    let precision: NumberFormat
    let a: FloatView, b: FloatView
    let isTransposed: Bool

    init(_ M: Int, _ N: Int, _ K: Int, _ precision: NumberFormat, isTransposed: Bool = true) {
      (self.M, self.N, self.K, self.precision, self.isTransposed) = (M, N, K, precision, isTransposed)
      (a, b) = (floats(uniform(M * K, 1, stream: 1)), floats(uniform(N * K, 1, stream: 2)))
    }

    var factor: Matrix {
      isTransposed ? Matrix(b, rows: N, columns: K).transposed : Matrix(b, rows: K, columns: N)
    }

    func makePacked() -> PackedFactor {
      PackedFactor(factor, in: precision, memory: floats(count: PackedFactor.count(factor, precision)))
    }

    func product(_ packed: PackedFactor?) -> [UInt32] {
      let c = floats(count: M * N)
      Kernels.multiply(
        Matrix(a, rows: M, columns: K), factor, into: Matrix(c, rows: M, columns: N), in: precision, packed: packed)
      return c.array.map(\.bitPattern)
    }
  }

  /// By rows and by columns, around panels and blocks.
  @Test(arguments: NumberFormat.allCases, [true, false])
  func dividedProductsHaveTheSameBits(precision: NumberFormat, isTransposed: Bool) {
    for (M, N, K) in [(5, 33, 7), (40, 31, 20), (7, 200, 385), (150, 97, 33), (3, 2081, 5), (1, 64, 64), (9, 1, 30)] {
      let work = Work(M, N, K, precision, isTransposed: isTransposed)
      let expected = Kernels.asLane { work.product(nil) }
      for size in 1...4 {
        let packed = work.makePacked()
        packed.open()
        for round in 0..<3 {
          #expect(
            inCrew(of: size) { work.product(packed) } == expected, "\(M)×\(K)×\(N), \(size) threads, round \(round)")
        }
        #expect(packed.packings == 1)
      }
    }
  }

  /// What a copy is made of is what is multiplied by, so that one that outlived a change would show; one that is opened anew does not.
  @Test(arguments: NumberFormat.allCases)
  func onlyOpeningForgets(precision: NumberFormat) {
    let work = Work(6, 40, 24, precision)
    let copy = work.makePacked()
    let first = work.product(nil)
    copy.open()
    #expect(work.product(copy) == first && copy.packings == 1)
    for place in 0..<work.b.count { work.b[place] += 1 }
    let second = work.product(nil)
    #expect(first != second)
    // The control: a copy that is not forgotten is seen by its bits.
    #expect(work.product(copy) == first)
    copy.open()
    #expect(work.product(copy) == second && copy.packings == 2)
    copy.close()
    for place in 0..<work.b.count { work.b[place] *= 0.5 }
    #expect(work.product(copy) == work.product(nil) && copy.packings == 2)
  }

  /// What was packed for one kind of vectors is none for another.
  @Test func packedForAnotherPathIsNotRead() {
    for precision in NumberFormat.allCases {
      let work = Work(5, 70, 9, precision)
      let expected = work.product(nil)
      let copy = work.makePacked()
      copy.open()
      _ = work.product(copy)
      for path in ProductDraws.paths {
        #expect(onPath(path) { work.product(copy) } == expected)
      }
      #expect(copy.packings == 1)
    }
  }

  /// Four threads want a stale copy at the same time, five hundred times: one packs it, and none has the numbers before or half of it.
  @Test(arguments: NumberFormat.allCases)
  func oneOfManyPacksIt(precision: NumberFormat) {
    let (threads, rounds) = (4, 500)
    let work = Work(3, 48, 40, precision)
    let packed = work.makePacked()
    let values = uniform(work.b.count, 1, stream: 9)
    // All wait for the round to begin, and the main thread for all to end.
    let round = Atomic<Int>(0)
    let done = Atomic<Int>(0)
    let wrong = Atomic<Int>(0)
    nonisolated(unsafe) var expected: [UInt32] = []
    let group = DispatchGroup()
    for _ in 0..<threads {
      group.enter()
      Thread {
        Kernels.prepareThread()
        for number in 1...rounds {
          while round.load(ordering: .acquiring) < number { sched_yield() }
          for _ in 0..<2 where work.product(packed) != expected { wrong.add(1, ordering: .relaxed) }
          done.add(1, ordering: .releasing)
        }
        group.leave()
      }.start()
    }
    for number in 1...rounds {
      for place in 0..<work.b.count { work.b[place] = values[place] + Float(number % 5) }
      expected = Kernels.asLane { work.product(nil) }
      packed.open()
      round.store(number, ordering: .releasing)
      while done.load(ordering: .acquiring) < number * threads { sched_yield() }
      packed.close()
      #expect(packed.packings == number)
    }
    group.wait()
    let count = wrong.load(ordering: .relaxed)
    #expect(count == 0)
  }
}
