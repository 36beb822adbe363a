import Communication
import Diagnostics
import Foundation
import Synchronization

/// Ends a job that makes no progress, and says who is late: a thread beside the training thread of each rank.
///
/// When a rank has noted nothing for `seconds`, it writes where it is. Rank zero collects where the others are, names
/// who is late or does not answer, and all exit with 76; mpirun ends what is left. Time during which the process was
/// suspended does not count.
final class Watchdog: @unchecked Sendable {
  private let progress: RankProgress
  private let seconds: Double
  private let rank: Int
  private let hosts: [String]
  private let rollCall: RollCall?
  private let isClosed = Atomic<Bool>(false)

  /// Starts watching; all ranks call it.
  init(_ progress: RankProgress, seconds: Double, world: any Communicator) throws {
    self.progress = progress
    self.seconds = seconds
    rank = world.rank
    hosts = try world.allGather(world.host)
    rollCall = try RollCall(world)
    let thread = Thread { [self] in watch() }
    thread.name = "watchdog"
    thread.start()
  }

  /// Stops watching. The thread ends soon after.
  func close() { isClosed.store(true, ordering: .relaxed) }

  private func watch() {
    let tick = min(1, seconds / 8)
    var (count, idle, sinceCall) = (progress.count, 0.0, 0.0)
    var heard = Heard()
    while !isClosed.load(ordering: .relaxed) {
      usleep(UInt32(tick * 1e6))
      let now = progress.count
      (idle, count) = (now == count ? idle + tick : 0, now)
      sinceCall += tick
      if rank == 0 {
        heard.add(rollCall?.receive() ?? [], tick: tick)
      } else if sinceCall >= seconds / 4 {
        rollCall?.send(answer(isOverdue: false))
        sinceCall = 0
      }
      if isClosed.load(ordering: .relaxed) { return }
      if idle >= Self.patience(in: progress.position.phase) * seconds || heard.isOverdue { expire(&heard, idle: idle) }
    }
  }

  /// Reading the data tells of nothing, and rank zero writes alone while the others wait: a slow disk is given more time.
  private static func patience(in phase: RankProgress.Phase) -> Double {
    phase == .starting || phase == .checkpointing ? 4 : 1
  }

  private func answer(isOverdue: Bool) -> RollCall.Answer {
    RollCall.Answer(rank: rank, position: progress.position, isOverdue: isOverdue)
  }

  private func expire(_ heard: inout Heard, idle: Double) -> Never {
    let own = progress.position
    writeStandardError(
      line: "rank \(rank) on \(hosts[rank]): no progress for \(fixed(max(idle, seconds), 0)) s: \(own.text)")
    // Long enough for the watchdogs of other ranks, which tick at other times, and for rank zero to speak first.
    let rounds = rank == 0 ? 8 : 24
    for _ in 0..<rounds {
      if rank == 0 { heard.add(rollCall?.receive() ?? [], tick: 0.25) } else { rollCall?.send(answer(isOverdue: true)) }
      usleep(250_000)
    }
    if rank == 0 {
      var positions = heard.positions(youngerThan: seconds / 2 + 3)
      positions[0] = own
      writeStandardError(
        line: "lockstep: \(Blame.text(positions, hosts: hosts)); go on with --resume when that is mended")
    }
    _exit(ExitCode.hung.rawValue)
  }

  /// What rank zero has heard of the others, and how long ago.
  private struct Heard {
    private var last: [Int: (position: RankProgress.Position, age: Double)] = [:]
    private(set) var isOverdue = false

    mutating func add(_ answers: [RollCall.Answer], tick: Double) {
      for rank in last.keys { last[rank]!.age += tick }
      for answer in answers {
        last[answer.rank] = (answer.position, 0)
        isOverdue = isOverdue || answer.isOverdue
      }
    }

    func positions(youngerThan age: Double) -> [Int: RankProgress.Position] {
      last.filter { $0.value.age < age }.mapValues(\.position)
    }
  }
}
