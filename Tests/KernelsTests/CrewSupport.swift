import Foundation
import Kernels

/// Runs `body` on this thread, which leads a crew of `size` meanwhile; everything that can be divided is.
///
/// - Parameter patience: nanoseconds for which members look before they sleep.
func inCrew<Result>(of size: Int, grain: Int = 1, patience: UInt64 = 50_000, _ body: () -> Result) -> Result {
  let crew = Crew(
    seats: (0..<size).map { _ in Seat(patience: patience, quietPatience: 0) }, grain: grain)
  let members = DispatchGroup()
  for member in 1..<max(1, size) {
    members.enter()
    Thread {
      Kernels.prepareThread()
      crew.serve(as: member)
      members.leave()
    }.start()
  }
  var result: Result?
  crew.lead { result = Kernels.asLane(body) }
  members.wait()
  return result!
}

/// Counts without a lock, one place each: two threads that came to the same place would be a mistake that shows.
final class Marks: @unchecked Sendable {
  private let memory: UnsafeMutableBufferPointer<Int>
  init(_ count: Int) {
    memory = .allocate(capacity: count)
    memory.initialize(repeating: 0)
  }
  deinit { memory.deallocate() }
  subscript(place: Int) -> Int {
    get { memory[place] }
    set { memory[place] = newValue }
  }
  var values: [Int] { Array(memory) }
}
