import Diagnostics
import Dispatch
import Kernels
import Synchronization
import Tensors

/// The lanes of a rank: threads that wait for work, the caller being lane 0.
///
/// A team of one starts no thread and runs the work in place. Pieces of work follow each other within microseconds, so
/// a waiting lane looks for a while before it sleeps; where there are more lanes than cores it sleeps at once. Lanes that
/// are not `active` sleep.
package final class LaneTeam: @unchecked Sendable {
  package let count: Int
  /// Lanes that work: the first so many, all at the beginning. Changed between runs, by lane 0's thread alone.
  package var active: Int {
    didSet { precondition(1...count ~= active, "expected 1 to \(count) active lanes, found \(active)") }
  }
  /// One a lane; in the first, lane 0 waits for the others.
  private let seats: [Seat]
  /// How often each lane was called.
  private let calls: [Counter]
  private let running = Atomic<Int>(0)
  private let isClosed = Atomic<Bool>(false)
  /// Written before a lane's calls are counted up, read after that was seen.
  private var work: ((Int) -> Void)?
  /// When each lane was done, in nanoseconds of the monotonic clock.
  private let ends: NumberBuffer<UInt64>
  private var waitingSeconds = 0.0

  /// How a lane waits.
  package enum Waiting: Sendable {
    /// Looks for up to 200 µs, then sleeps: every lane has a core.
    case eager
    /// Sleeps.
    case lazy
  }

  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  /// Starts the other lanes; the caller becomes lane 0 while `run` runs.
  package init(count: Int, waiting: Waiting = .lazy) {
    precondition(count > 0, "a rank has at least one lane, found \(count)")
    self.count = count
    active = count
    seats = (0..<count).map { _ in Seat(patience: waiting == .eager ? 200_000 : 0) }
    calls = (0..<count).map { _ in Counter() }
    ends = NumberBuffer(count: count, repeating: 0)
    for lane in 1..<max(1, count) {
      startThread("lane \(lane)") { [self] in
        Kernels.prepareThread()
        serve(lane)
      }
    }
  }

  /// Ends the threads; the team must not be used afterwards. Without it the threads, and the team, live on.
  package func close() {
    isClosed.store(true, ordering: .releasing)
    for seat in seats { seat.wake() }
  }

  /// Runs `body` once an active lane, and returns when all are done. Called by lane 0's thread alone.
  package func run(_ body: (Int) -> Void) {
    guard active > 1 else { return Kernels.asLane { body(0) } }
    withoutActuallyEscaping(body) { body in
      work = body
      running.store(active - 1, ordering: .relaxed)
      for lane in 1..<active {
        calls[lane].value.add(1, ordering: .releasing)
        seats[lane].wake()
      }
      Kernels.asLane { body(0) }
      ends.elements[0] = DispatchTime.now().uptimeNanoseconds
      seats[0].wait { running.load(ordering: .acquiring) == 0 }
      work = nil
    }
    noteWaiting()
  }

  /// Seconds for which lanes have waited for the last of them to be done, the mean over the lanes, since the last call.
  package func takeWaitingSeconds() -> Double {
    defer { waitingSeconds = 0 }
    return waitingSeconds
  }

  private func noteWaiting() {
    var last: UInt64 = 0
    for lane in 0..<active { last = max(last, ends.elements[lane]) }
    var sum: UInt64 = 0
    for lane in 0..<active { sum += last - ends.elements[lane] }
    waitingSeconds += Double(sum) * 1e-9 / Double(active)
  }

  private func serve(_ lane: Int) {
    var seen = 0
    while true {
      seats[lane].wait {
        calls[lane].value.load(ordering: .acquiring) != seen || isClosed.load(ordering: .acquiring)
      }
      if isClosed.load(ordering: .acquiring) { return }
      seen += 1
      perform(lane)
      ends.elements[lane] = DispatchTime.now().uptimeNanoseconds
      if running.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { seats[0].wake() }
    }
  }

  /// A function of its own, so that the body is let go of before the lane counts as done.
  @inline(never)
  private func perform(_ lane: Int) {
    let body = work!
    body(lane)
  }
}
