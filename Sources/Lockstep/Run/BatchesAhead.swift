import Diagnostics
import Foundation
import Sources

/// Samples that come some at a time, of which the next ones are read while those before are predicted, on a thread of its own.
///
/// The thread and what it reads are kept until it has come to the end of the samples, or `end` is called.
final class BatchesAhead: @unchecked Sendable {
  private let batches: any SampleBatches
  private let condition = NSCondition()
  /// What was read, and not yet taken; nil while it is being read.
  private var ready: Result<SampleBatch?, any Error>?
  /// How many times samples were asked for: the thread reads once more than that.
  private var asked = 0
  private var isEnded = false

  /// Begins to read.
  init(_ batches: any SampleBatches) {
    self.batches = batches
    startThread("reading") { [self] in serve() }
  }

  /// The next samples; nil where there are no more. Throws what reading them did. Not to be asked behind either.
  func next() throws -> SampleBatch? {
    condition.lock()
    while ready == nil { condition.wait() }
    let batch = ready!
    ready = nil
    asked += 1
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

  /// How the rows differ from those that the model was trained on, a line each: when there are no more.
  var findings: [String] { batches.findings }

  private func serve() {
    var read = 0
    while true {
      let batch = Result { try batches.next() }
      let isLast = if case .success(.some) = batch { false } else { true }
      condition.lock()
      ready = batch
      read += 1
      condition.broadcast()
      while asked < read, !isEnded { condition.wait() }
      let ends = isLast || isEnded
      condition.unlock()
      if ends { return }
    }
  }
}
