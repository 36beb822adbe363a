import Foundation
import Kernels

/// The lanes of a rank: threads that wait for work, the caller being lane 0.
///
/// A team of one starts no thread and runs the work in place.
public final class LaneTeam: @unchecked Sendable {
  public let count: Int
  private let condition = NSCondition()
  private var generation = 0
  private var running = 0
  private var isClosed = false
  private var work: ((Int) -> Void)?

  /// Prepares the calling thread as lane 0 and starts the others.
  public init(count: Int) {
    precondition(count > 0, "a rank has at least one lane, found \(count)")
    self.count = count
    Kernels.prepareThread()
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
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }

  /// Runs `body` once a lane, and returns when all lanes are done. Called by lane 0's thread alone.
  public func run(_ body: (Int) -> Void) {
    guard count > 1 else { return body(0) }
    withoutActuallyEscaping(body) { body in
      condition.lock()
      work = body
      running = count - 1
      generation += 1
      condition.broadcast()
      condition.unlock()
      body(0)
      condition.lock()
      while running > 0 { condition.wait() }
      work = nil
      condition.unlock()
    }
  }

  private func serve(_ lane: Int) {
    var seen = 0
    while let next = nextGeneration(after: seen) {
      seen = next
      perform(lane)
      condition.lock()
      running -= 1
      if running == 0 { condition.broadcast() }
      condition.unlock()
    }
  }

  /// Waits for work; nil when the team is closed.
  private func nextGeneration(after seen: Int) -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while generation == seen, !isClosed { condition.wait() }
    return isClosed ? nil : generation
  }

  /// A function of its own, so that the body is let go of before the lane counts as done.
  @inline(never)
  private func perform(_ lane: Int) {
    condition.lock()
    let body = work!
    condition.unlock()
    body(lane)
  }
}
