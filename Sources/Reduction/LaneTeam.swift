import Foundation
import Kernels
import Synchronization

/// The lanes of a rank: threads that wait for work, the caller being lane 0.
///
/// A team of one starts no thread and runs the work in place. Pieces of work follow each other within microseconds, so
/// a waiting lane looks for a while before it sleeps; where there are more lanes than cores it sleeps at once.
public final class LaneTeam: @unchecked Sendable {
  public let count: Int
  private let patience: UInt64
  private let condition = NSCondition()
  private let generation = Atomic<Int>(0)
  private let running = Atomic<Int>(0)
  private let isClosed = Atomic<Bool>(false)
  /// Written before `generation` is counted up, read after that was seen.
  private var work: ((Int) -> Void)?

  /// How a lane waits.
  public enum Waiting: Sendable {
    /// Looks for up to 200 µs, then sleeps: every lane has a core.
    case eager
    /// Sleeps.
    case lazy
  }

  /// Starts the other lanes; the caller becomes lane 0 while `run` runs.
  public init(count: Int, waiting: Waiting = .lazy) {
    precondition(count > 0, "a rank has at least one lane, found \(count)")
    self.count = count
    patience = waiting == .eager ? 200_000 : 0
    for lane in 1..<max(1, count) {
      let thread = Thread { [self] in
        Kernels.prepareThread()
        serve(lane)
      }
      thread.name = "lane \(lane)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// Ends the threads; the team must not be used afterwards. Without it the threads, and the team, live on.
  public func close() {
    isClosed.store(true, ordering: .releasing)
    wake()
  }

  /// Runs `body` once a lane, and returns when all lanes are done. Called by lane 0's thread alone.
  public func run(_ body: (Int) -> Void) {
    guard count > 1 else { return Kernels.asLane { body(0) } }
    withoutActuallyEscaping(body) { body in
      work = body
      running.store(count - 1, ordering: .relaxed)
      generation.add(1, ordering: .releasing)
      wake()
      Kernels.asLane { body(0) }
      wait { running.load(ordering: .acquiring) == 0 }
      work = nil
    }
  }

  private func serve(_ lane: Int) {
    var seen = 0
    while true {
      wait { generation.load(ordering: .acquiring) != seen || isClosed.load(ordering: .acquiring) }
      if isClosed.load(ordering: .acquiring) { return }
      seen += 1
      perform(lane)
      if running.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { wake() }
    }
  }

  /// A function of its own, so that the body is let go of before the lane counts as done.
  @inline(never)
  private func perform(_ lane: Int) {
    let body = work!
    body(lane)
  }

  /// Returns when `isDone` is true: looks first, then sleeps until somebody wakes.
  private func wait(until isDone: () -> Bool) {
    if patience > 0 {
      let start = DispatchTime.now().uptimeNanoseconds
      repeat {
        for _ in 0..<64 { if isDone() { return } }
      } while DispatchTime.now().uptimeNanoseconds - start < patience
    }
    condition.lock()
    while !isDone() { condition.wait() }
    condition.unlock()
  }

  private func wake() {
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }
}
