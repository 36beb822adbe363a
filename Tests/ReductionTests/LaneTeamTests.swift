import Foundation
import Reduction
import Synchronization
import Testing

@Suite struct LaneTeamTests {
  /// A team waits for its lanes on the thread that made it, so each gets a thread of its own here.
  private func onItsOwnThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      Thread {
        body()
        continuation.resume()
      }.start()
    }
  }

  @Test(arguments: 1...8)
  func everyLaneRunsOnceEachTime(lanes: Int) async {
    await onItsOwnThread {
      let team = LaneTeam(count: lanes)
      defer { team.close() }
      #expect(team.count == lanes)
      let counts = (0..<lanes).map { _ in Counter() }
      for round in 1...2000 {
        // Written in the lanes and read after `run` without any lock: `run` must order the two.
        let seen = Table(lanes)
        team.run { lane in
          counts[lane].number.add(1, ordering: .relaxed)
          seen[lane] = round + lane
        }
        guard seen.values == (0..<lanes).map({ round + $0 }) else {
          Issue.record("round \(round): \(seen.values)")
          return
        }
      }
      #expect(counts.allSatisfy { $0.number.load(ordering: .relaxed) == 2000 })
    }
  }

  /// `run` waits for slow lanes, whichever it is.
  @Test(arguments: 0..<4)
  func runReturnsWhenTheLastLaneIsDone(slow: Int) async {
    await onItsOwnThread {
      let team = LaneTeam(count: 4)
      defer { team.close() }
      let done = Counter()
      for _ in 0..<5 {
        done.number.store(0, ordering: .relaxed)
        team.run { lane in
          if lane == slow { usleep(3000) }
          done.number.add(1, ordering: .relaxed)
        }
        #expect(done.number.load(ordering: .relaxed) == 4)
      }
    }
  }

  /// Lanes beyond the active ones do nothing, and come back.
  @Test func onlyActiveLanesRun() async {
    await onItsOwnThread {
      let team = LaneTeam(count: 5)
      defer { team.close() }
      for active in [5, 2, 1, 4, 1, 5, 3] + (0..<500).map({ 1 + $0 * 7 % 5 }) {
        team.active = active
        let seen = Table(5)
        team.run { seen[$0] = $0 }
        #expect(seen.values == (0..<5).map { $0 < active ? $0 : -1 })
      }
    }
  }

  /// One lane ends when all others have: those have waited.
  @Test(arguments: 0..<3)
  func waitingIsMeasured(slow: Int) async {
    await onItsOwnThread {
      let team = LaneTeam(count: 3, waiting: .eager)
      defer { team.close() }
      let done = Counter()
      team.run { lane in
        guard lane == slow else {
          done.number.add(1, ordering: .releasing)
          return
        }
        while done.number.load(ordering: .acquiring) < 2 { usleep(100) }
        usleep(20_000)
      }
      #expect(team.takeWaitingSeconds() > 0)
      #expect(team.takeWaitingSeconds() == 0)
    }
  }

  @Test func lanesAreThreadsAndTheCallerIsLaneZero() async {
    await onItsOwnThread {
      let team = LaneTeam(count: 3)
      defer { team.close() }
      let threads = Table(3)
      team.run { threads[$0] = Int(pthread_self()) }
      #expect(threads.values[0] == Int(pthread_self()))
      #expect(Set(threads.values).count == 3)
      let again = Table(3)
      team.run { again[$0] = Int(pthread_self()) }
      #expect(again.values == threads.values, "the same threads each time")
    }
  }

  private final class Counter: Sendable {
    let number = Atomic(0)
  }

  /// One place a lane, without a lock.
  private final class Table: @unchecked Sendable {
    private let memory: UnsafeMutableBufferPointer<Int>
    init(_ count: Int) {
      memory = .allocate(capacity: count)
      memory.initialize(repeating: -1)
    }
    deinit { memory.deallocate() }
    subscript(lane: Int) -> Int {
      get { memory[lane] }
      set { memory[lane] = newValue }
    }
    var values: [Int] { Array(memory) }
  }
}
