import CKernels
import Synchronization

/// Threads that compute one leaf together, by the parts of its kernels.
///
/// One of them leads: it walks through the layers as a thread of its own would. A kernel that it calls and that is worth it
/// is cut into parts (`Crew.split`), which the members take one by one, the leader among them; the next kernel begins when the
/// last part is done. A member that is late, since its core is another's for a while, just takes fewer. Where a kernel is cut changes
/// no bit: each part computes what it writes by the same additions in the same order.
///
/// ```
/// leader     product   0 2   bias  0   norm  0 2 …  ended
/// member 1             1 3         1         1            returns
/// ```
package final class Crew: @unchecked Sendable {
  /// Threads, the leader among them.
  package var size: Int { seats.count }
  /// Nanoseconds that a part takes at least, so that handing it over does not outweigh it.
  let grain: Int
  /// Where the members wait; the leader in the first.
  private let seats: [Seat]
  /// What all look at, each in cache lines of its own.
  private let counters: UnsafeMutableRawPointer
  /// How often each member has served; written by itself alone.
  private let served: UnsafeMutablePointer<Int>
  /// Written before the job is opened, read by those who have taken a part of it.
  private var job = Job()

  struct Job {
    var body: (any Divisible.Type)?
    var arguments: UnsafeRawPointer?
    var count = 0
    var unit = 1
    var parts = 0
  }

  package static let usualGrain = 2000

  /// A crew whose members wait in `seats`; those are in no other crew at the same time.
  package init(seats: [Seat], grain: Int = Crew.usualGrain) {
    precondition(1...Int(UInt16.max) ~= seats.count, "\(seats.count) members of a crew")
    (self.seats, self.grain) = (seats, max(1, grain))
    counters = .allocate(byteCount: 3 * Self.line, alignment: Self.line)
    served = .allocate(capacity: seats.count)
    served.initialize(repeating: 0, count: seats.count)
    open.initialize(to: Atomic(0))
    done.initialize(to: Atomic(0))
    ended.initialize(to: Atomic(0))
  }

  deinit {
    counters.deallocate()
    served.deallocate()
  }

  private static var line: Int { 128 }
  /// Number of the job · 2³² + its parts · 2¹⁶ + the next one that nobody has taken.
  private var open: UnsafeMutablePointer<Atomic<UInt64>> { counters.assumingMemoryBound(to: Atomic<UInt64>.self) }
  /// Parts of the job that are done.
  private var done: UnsafeMutablePointer<Atomic<Int>> {
    (counters + Self.line).assumingMemoryBound(to: Atomic<Int>.self)
  }
  /// How often the leader has led.
  private var ended: UnsafeMutablePointer<Atomic<Int>> {
    (counters + 2 * Self.line).assumingMemoryBound(to: Atomic<Int>.self)
  }

  /// The crew that this thread leads, if it leads one.
  package static var current: Crew? { ck_crew().map { Unmanaged<Crew>.fromOpaque($0).takeUnretainedValue() } }

  /// Runs `body` on the calling thread, which leads the crew meanwhile; each other member calls `serve` once.
  package func lead(_ body: () -> Void) {
    guard size > 1 else { return body() }
    ck_lead_crew(Unmanaged.passUnretained(self).toOpaque())
    body()
    ck_lead_crew(nil)
    ended.pointee.add(1, ordering: .releasing)
    for seat in seats.dropFirst() { seat.wake() }
  }

  /// Takes parts until the leader has ended; `member` is 1 or more, and another one on each thread.
  package func serve(as member: Int) {
    served[member] += 1
    let session = served[member]
    repeat {
      work()
      seats[member].wait { isOpen || ended.pointee.load(ordering: .acquiring) == session }
    } while isOpen || ended.pointee.load(ordering: .acquiring) != session
  }

  /// Whether there is a part that nobody has taken.
  private var isOpen: Bool {
    let word = open.pointee.load(ordering: .acquiring)
    return word & 0xFFFF < word >> 16 & 0xFFFF
  }

  /// Has the members do a job, and returns when it is done; by the leader alone.
  func perform(_ job: Job) {
    self.job = job
    let word = open.pointee.load(ordering: .relaxed)
    done.pointee.store(0, ordering: .relaxed)
    open.pointee.store((word >> 32 &+ 1) << 32 | UInt64(job.parts) << 16, ordering: .releasing)
    for member in 1..<min(size, job.parts) { seats[member].wake() }
    // What is called inside of a part is whole.
    ck_lead_crew(nil)
    work()
    ck_lead_crew(Unmanaged.passUnretained(self).toOpaque())
    seats[0].wait { done.pointee.load(ordering: .acquiring) == job.parts }
  }

  /// Does parts of the job that is open, as long as there are any.
  private func work() {
    var word = open.pointee.load(ordering: .acquiring)
    while word & 0xFFFF < word >> 16 & 0xFFFF {
      let (taken, now) = open.pointee.weakCompareExchange(
        expected: word, desired: word + 1, ordering: .acquiringAndReleasing)
      guard taken else {
        word = now
        continue
      }
      let (part, parts) = (Int(word & 0xFFFF), job.parts)
      job.body!.perform(job.arguments!, job.part(part))
      // From here on the job may be another one.
      if done.pointee.add(1, ordering: .acquiringAndReleasing).newValue == parts { seats[0].wake() }
      word = open.pointee.load(ordering: .acquiring)
    }
  }
}

extension Crew.Job {
  /// What part number `part` covers: whole units, as evenly as they can be divided.
  func part(_ part: Int) -> Range<Int> {
    let units = (count + unit - 1) / unit
    return part * units / parts * unit..<min(count, (part + 1) * units / parts * unit)
  }
}
