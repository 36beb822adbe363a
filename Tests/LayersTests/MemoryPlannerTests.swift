import Tensors
import Testing

@testable import Layers

@Suite struct MemoryPlannerTests {
  /// No two tensors with overlapping lives share memory; everything is aligned, inside the arena, and no larger than
  /// without reuse.
  private func check(_ tensors: [MemoryPlanner.Tensor]) throws {
    var planner = MemoryPlanner()
    for tensor in tensors { _ = planner.add(count: tensor.count, first: tensor.first, last: tensor.last) }
    let (offsets, count) = planner.place()
    func memory(_ index: Int) -> Range<Int> { offsets[index]..<offsets[index] + tensors[index].count }
    for a in tensors.indices {
      try #require(offsets[a] % 16 == 0 && offsets[a] >= 0 && memory(a).upperBound <= count, "\(tensors)")
      for b in 0..<a where tensors[a].first <= tensors[b].last && tensors[b].first <= tensors[a].last {
        try #require(!memory(a).overlaps(memory(b)), "\(b) and \(a) of \(tensors) at \(offsets)")
      }
    }
    let padded = tensors.map { ($0.count + 15) / 16 * 16 }
    try #require(count <= padded.reduce(0, +), "\(tensors)")
    // At any time, all living tensors must have room: no plan can do with less.
    let times = Set(tensors.flatMap { [$0.first, $0.last] })
    let needed = times.map { time in
      zip(tensors, padded).reduce(0) { $0 + ($1.0.first <= time && time <= $1.0.last ? $1.1 : 0) }
    }
    try #require(count >= needed.max() ?? 0, "\(tensors)")
  }

  /// Every choice of three lives over four times, with two sizes each.
  @Test func allSmallCasesShareNoMemory() throws {
    let lives = (0..<4).flatMap { first in (first..<4).map { (first, $0) } }
    let tensors = lives.flatMap { first, last in
      [16, 40].map { MemoryPlanner.Tensor(count: $0, first: first, last: last) }
    }
    for a in tensors {
      for b in tensors {
        for c in tensors { try check([a, b, c]) }
      }
    }
  }

  @Test func randomCasesShareNoMemory() throws {
    let random = Philox(key: SIMD2(1, 2))
    for number in 0..<500 as Range<UInt32> {
      try check(
        (0..<random.block(SIMD4(number, 0, 0, 1)).x % 20).map { tensor in
          let words = random.block(SIMD4(number, tensor, 0, 0))
          let first = Int(words.x % 30)
          return .init(count: Int(words.y % 300), first: first, last: first + Int(words.z % 12))
        })
    }
  }

  @Test func memoryIsUsedAgain() {
    var planner = MemoryPlanner()
    let first = planner.add(count: 64, first: 0, last: 1)
    let second = planner.add(count: 32, first: 1, last: 2)
    let third = planner.add(count: 64, first: 2, last: 3)
    #expect(planner.place() == ([0, 64, 0], 96))
    planner.extend(third, to: 1)
    #expect(planner.place() == ([0, 128, 64], 160))
    planner.extend(first, to: 4)
    planner.extend(second, to: 9)
    #expect(planner.tensors.map(\.first) == [0, 1, 1])
    #expect(planner.tensors.map(\.last) == [4, 9, 3])
    #expect(MemoryPlanner().place() == ([], 0))
  }

  @Test func deepNetworksNeedMemoryForFewLayersAtEvaluationSize() throws {
    // Sixty times dense and dropout, whose outputs lie in place: the gradients take turns.
    let layers = (0..<60).flatMap { _ in [Dense(units: 100), Dropout(rate: 0.1)] as [any Layer] }
    let plan = try Network(input: [100], layers: layers).plan(microBatch: 10)
    // Each dense layer keeps its input for its backward; the gradients need two buffers at a time.
    #expect(plan.arenaCount <= (60 + 2) * 1008)
  }
}
