import Communication
import Tensors
import Testing

@testable import Training

/// How many lanes work, where the seconds of a step are given by the number of lanes and by the time.
@Suite struct LaneChoiceTests {
  struct World {
    var choice: LaneChoice
    var elapsed = 0.0
    var changes: [LaneChoice.Change] = []
    /// Seconds of steps, by level.
    var seconds: [Double]

    init(levels: Int) {
      choice = LaneChoice(levels: levels)
      seconds = Array(repeating: 0, count: levels)
    }

    /// Steps of `cost(level)` for `time` seconds. Ranks hear of a wish one step late.
    mutating func run(_ time: Double, cost: (Int) -> Double) {
      let end = elapsed + time
      var used = choice.level
      while elapsed < end {
        let next = choice.level
        let step = cost(used)
        if let change = choice.note(step, at: used, isWhole: true) { changes.append(change) }
        elapsed += step
        seconds[used] += step
        used = next
      }
    }

    /// The level that took most of the time from here on.
    mutating func mostly(_ time: Double, cost: (Int) -> Double) -> Int {
      let before = seconds
      run(time, cost: cost)
      let spent = zip(seconds, before).map { $0 - $1 }
      return spent.indices.max { spent[$0] < spent[$1] }!
    }
  }

  @Test func theQuickestLevelIsFound() {
    for (costs, expected) in [
      ([1e-4, 2e-4], 0), ([5e-3, 1e-4], 1), ([4e-3, 3e-3, 2e-3, 1e-3], 3), ([4e-3, 1e-3, 2e-3, 4e-3], 1),
      ([1e-3, 2e-3, 4e-3, 8e-3], 0), ([0.2, 0.1], 1),
    ] {
      var world = World(levels: costs.count)
      world.run(10) { costs[$0] }
      #expect(world.mostly(20) { costs[$0] } == expected, "\(costs)")
    }
  }

  /// A level that is usually quick but now and then waits for a core: what counts is the mean, not the median.
  @Test func rareLongWaitsCount() {
    var world = World(levels: 2)
    var step = 0
    let cost = { (level: Int) -> Double in
      step += 1
      return level == 1 ? 1e-4 : step % 20 == 0 ? 4e-3 : 6e-5
    }
    world.run(5, cost: cost)
    #expect(world.mostly(5, cost: cost) == 1)
  }

  /// Somebody takes a core for a while.
  @Test func aChoiceIsRevised() {
    var world = World(levels: 2)
    let (alone, crowded) = ([6e-5, 1e-4], [2e-3, 1e-4])
    #expect(world.mostly(5) { alone[$0] } == 0)
    #expect(world.mostly(3) { crowded[$0] } == 1, "steps became slower")
    #expect(world.mostly(60) { alone[$0] } == 0, "a trial was due")
    #expect(world.changes.map(\.to) == [1, 0])
    #expect(world.changes.allSatisfy { $0.after < $0.before })
  }

  /// Trials of a level that is a hundred times slower take a share of the time that is bounded.
  @Test(arguments: [1e-4, 5e-3, 0.1])
  func trialsCostLittle(step: Double) {
    var world = World(levels: 3)
    let cost = { (level: Int) -> Double in [step, 1.9 * step, 3.5 * step][level] }
    world.run(2000 * max(0.02, step), cost: cost)
    let lost = world.seconds[1] * (1 - 1 / 1.9) + world.seconds[2] * (1 - 1 / 3.5)
    #expect(lost < 0.02 * world.elapsed, "\(lost) of \(world.elapsed) s")
    #expect(world.changes.isEmpty)
  }

  @Test func longStepsAndASingleLevelAreNotTried() {
    var long = World(levels: 2)
    long.run(50) { _ in 0.3 }
    #expect(long.seconds[1] == 0)
    var single = World(levels: 1)
    single.run(1) { _ in 1e-3 }
    #expect(single.changes.isEmpty && single.choice.level == 0)
  }

  /// A step of another length, or at another level than the one that is asked for, says nothing.
  @Test func onlyWholeBatchesAtTheLevelCount() {
    var choice = LaneChoice(levels: 2)
    for _ in 0..<1000 {
      #expect(choice.note(1, at: 0, isWhole: false) == nil)
      #expect(choice.note(0.01, at: 1, isWhole: true) == nil)
    }
    #expect(choice.level == 0)
  }

  @Test func allRanksHaveAsManyLevels() throws {
    let levels = try LocalWorld.run(ranks: 4) { world in
      try LaneChoice.levels([8, 1, 6, 2][world.rank], adapts: true, world)
    }
    #expect(levels == [[8, 4, 2, 1], [1, 1, 1, 1], [6, 3, 1, 1], [2, 1, 1, 1]])
    #expect(try LocalWorld.run(ranks: 2) { try LaneChoice.levels(8, adapts: false, $0) } == [[8], [8]])
  }
}
