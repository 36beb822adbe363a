import Foundation
import Kernels
import Testing

/// Threads that divide what one of them is asked for.
@Suite struct CrewTests {
  /// Thousands of jobs, each of another size; between some the members fall asleep.
  @Test(arguments: 1...5, [UInt64(0), 50_000])
  func everyElementIsDoneOnce(size: Int, patience: UInt64) {
    let jobs = patience == 0 ? 300 : 3000
    let wrong = inCrew(of: size, patience: patience) {
      for job in 0..<jobs {
        let (count, unit) = (job * 37 % 211, 1 + job * 13 % 17)
        let marks = Marks(count + 1)
        Crew.split(count, cost: 1 << 20, unit: unit, over: (marks, unit)) { task, part in
          if !part.isEmpty, part.lowerBound % task.1 != 0 { task.0[part.lowerBound] += 100 }
          for place in part { task.0[place] += 1 }
        }
        // Written by the members, read here without any lock.
        guard marks.values == Array(repeating: 1, count: count) + [0] else { return "job \(job): \(marks.values)" }
        if job % 1000 == 999 { usleep(2000) }
      }
      return ""
    }
    #expect(wrong == "")
  }

  /// With work enough, all members take part.
  @Test(arguments: 2...4)
  func membersTakePart(size: Int) {
    let threads = Marks(2 * size)
    inCrew(of: size) {
      Crew.split(2 * size, cost: 1 << 20, over: (threads, size)) { task, part in
        task.0[part.lowerBound] = Int(bitPattern: UInt(pthread_self()))
        // As long as it takes all to come: each takes two.
        let deadline = Date(timeIntervalSinceNow: 20)
        while Set(task.0.values.filter { $0 != 0 }).count < task.1, Date() < deadline { usleep(100) }
      }
    }
    #expect(Set(threads.values).count == size)
  }

  /// A member whose core is another's takes nothing, and nobody waits for it.
  @Test func nobodyWaitsForThoseWhoHaveNotCome() {
    let crew = Crew(seats: (0..<2).map { _ in Seat(patience: 1000) }, grain: 1)
    let marks = Marks(100)
    crew.lead {
      Crew.split(100, cost: 1 << 20, over: marks) { marks, part in for place in part { marks[place] += 1 } }
    }
    #expect(marks.values == Array(repeating: 1, count: 100))
    // It comes when the leader has ended, and goes.
    crew.serve(as: 1)
    crew.lead {}
    crew.serve(as: 1)
  }

  @Test func whatIsInsideOfAPartIsWhole() {
    let ranges = Marks(64)
    inCrew(of: 3) {
      Crew.split(64, cost: 1 << 20, over: ranges) { ranges, part in
        for place in part {
          Crew.split(10, cost: 1 << 20, over: (ranges, place)) { task, inner in task.0[task.1] += inner.count }
        }
      }
    }
    #expect(ranges.values == Array(repeating: 10, count: 64))
  }

  /// Below two parts' worth of nanoseconds nothing is handed over, nor outside of a crew.
  @Test func littleWorkIsWhole() {
    func calls(_ cost: Int) -> Int {
      let marks = Marks(1)
      // The leader and members may both be at it.
      Crew.split(100, cost: cost, over: marks) { marks, part in if part.upperBound == 100 { marks[0] = part.lowerBound }
      }
      return marks[0]
    }
    #expect(calls(1 << 40) == 0)
    inCrew(of: 2, grain: 1000) {
      #expect(calls(1999) == 0)
      #expect(calls(2000) == 50)
      #expect(calls(4000) == 75)
      #expect(calls(1 << 40) == 75)
      #expect(Crew.current?.size == 2)
    }
    #expect(Crew.current == nil)
  }
}
