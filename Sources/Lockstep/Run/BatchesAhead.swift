import Diagnostics
import Foundation
import Sources

/// Samples that come some at a time, of which the next ones are read while those before are predicted, on a thread of its own.
///
/// The thread and what it reads are kept until it has come to the end of the samples, or `end` is called.
final class BatchesAhead: @unchecked Sendable {
  private let batches: any SampleBatches
  private let condition = NSCondition()
  /// How many batches may be there that were not taken.
  private let most: Int
  /// These, in their order.
  private var ready: [Result<SampleBatch?, any Error>] = []
  private var isEnded = false

  /// Begins to read, `most` batches beside those that are taken.
  init(_ batches: any SampleBatches, most: Int = 2) {
    (self.batches, self.most) = (batches, most)
    startThread("reading") { [self] in serve() }
  }

  /// The next samples; nil where there are no more. Throws what reading them did. Not to be asked behind either.
  func next() throws -> SampleBatch? {
    condition.lock()
    while ready.isEmpty { condition.wait() }
    let batch = ready.removeFirst()
    condition.broadcast()
    condition.unlock()
    return try batch.get()
  }

  /// Lets the thread end, once it has read what it reads now; `next` is not to be asked any more. It may be called at any time,
  /// and several times.
  func end() {
    condition.lock()
    isEnded = true
    condition.broadcast()
    condition.unlock()
  }

  private func serve() {
    while true {
      let batch = Result { try batches.next() }
      let isLast = if case .success(.some) = batch { false } else { true }
      condition.lock()
      ready.append(batch)
      condition.broadcast()
      while ready.count >= most, !isEnded { condition.wait() }
      let ends = isLast || isEnded
      condition.unlock()
      if ends { return }
    }
  }
}
