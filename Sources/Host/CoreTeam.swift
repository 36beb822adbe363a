import Diagnostics
import Foundation
import Synchronization

/// Threads that share pieces of work, as many as there are cores for, the caller's among them.
///
/// ```swift
/// let squares = try team.map(4) { $0 * $0 }   // [0, 1, 4, 9], whoever computed them
/// ```
/// Pieces are taken in ascending order by whoever is free; what they are is in the order of the pieces. The threads end with
/// their team.
package final class CoreTeam: Sendable {
  package let count: Int
  private let state = State()

  /// Of threads that run on these cores, at least one; the caller's thread stays where it is.
  package init(cores: [Int]) {
    count = max(1, cores.count)
    for number in 1..<count {
      startThread("core \(number)") { [state] in
        ProcessorCores.bind(to: cores)
        state.serve()
      }
    }
  }

  deinit { state.close() }

  /// What `body` makes of each piece, in their order; throws what the first of the pieces that throw does. One call at a time.
  package func map<Result>(_ pieces: Int, _ body: (Int) throws -> Result) throws -> [Result] {
    guard count > 1, pieces > 1 else { return try (0..<pieces).map(body) }
    var results = [Swift.Result<Result, any Error>?](repeating: nil, count: pieces)
    results.withUnsafeMutableBufferPointer { results in
      // Each piece has a place of its own.
      nonisolated(unsafe) let results = results
      withoutActuallyEscaping(body) { body in
        state.run(pieces) { piece in results[piece] = Swift.Result { try body(piece) } }
      }
    }
    return try results.map { try $0!.get() }
  }

  /// What the threads share.
  private final class State: @unchecked Sendable {
    private let condition = NSCondition()
    private var work: ((Int) -> Void)?
    private var pieces = 0
    /// Runs so far, and threads that have not yet left the one that is going on.
    private var round = 0
    private var working = 0
    private var isClosed = false
    private let next = Atomic<Int>(0)

    func run(_ pieces: Int, _ body: (Int) -> Void) {
      withoutActuallyEscaping(body) { body in
        condition.lock()
        (self.pieces, work, round) = (pieces, body, round + 1)
        next.store(0, ordering: .relaxed)
        condition.broadcast()
        condition.unlock()
        takeAll(pieces, body)
        condition.lock()
        // Whoever comes now finds nothing.
        work = nil
        while working > 0 { condition.wait() }
        condition.unlock()
      }
    }

    func serve() {
      var seen = 0
      condition.lock()
      while !isClosed {
        if round == seen || work == nil {
          condition.wait()
          continue
        }
        seen = round
        working += 1
        take()
        working -= 1
        if working == 0 { condition.broadcast() }
      }
      condition.unlock()
    }

    /// Lets the lock go meanwhile. A function of its own, so that the body is let go of before the thread counts as done.
    @inline(never)
    private func take() {
      let (pieces, body) = (pieces, work!)
      condition.unlock()
      takeAll(pieces, body)
      condition.lock()
    }

    private func takeAll(_ pieces: Int, _ body: (Int) -> Void) {
      while true {
        let piece = next.add(1, ordering: .relaxed).oldValue
        guard piece < pieces else { return }
        body(piece)
      }
    }

    func close() {
      condition.lock()
      isClosed = true
      condition.broadcast()
      condition.unlock()
    }
  }
}
