import Checkpoints
import Diagnostics
import Dispatch
import Foundation

/// What launch asks of a run directory between two attempts.
///
/// On a network file system that hangs, no signal ends a read. So a thread of its own makes it, and is left behind where
/// there is no answer in time.
struct RunDirectory: Sendable {
  let path: String
  /// Whether a request to stop has come, for which whole checkpoints are not waited.
  let isCalledOff: @Sendable () -> Bool

  /// The step from which an attempt goes on: damaged checkpoints are passed over, and the run may write older ones than
  /// those for a while. All files of a checkpoint are read for it, which may be many.
  ///
  /// - Throws: input or output (74) where there is no answer within half an hour, stopped (75) where it is called off.
  var newestStep: Int? {
    get throws {
      try answer(within: 1800, isCalledOff) { [path] in try Checkpoint.newest(in: path).checkpoint?.record.step }
    }
  }

  /// The step of the newest checkpoint by its name alone, since a stop leaves little time.
  var newestName: Int? {
    get throws { try answer(within: 10) { [path] in try Checkpoint.newestStep(in: path) } }
  }

  /// Whether the checkpoint is there. A network file system may show a while later what another host has written.
  func hasCheckpoint(ofStep step: Int) -> Bool {
    let checkpoint = CheckpointStore.path(ofStep: step, in: path)
    let found = try? answer(within: 60) {
      let end = Deadline(seconds: 5)
      while !FileManager.default.fileExists(atPath: checkpoint) {
        guard !end.isOver else { return false }
        usleep(100_000)
      }
      return true
    }
    return found ?? false
  }

  /// What `read` returns or throws on a thread of its own.
  func answer<Value: Sendable>(
    within seconds: Double, _ isCalledOff: () -> Bool = { false }, _ read: @escaping @Sendable () throws -> Value
  ) throws -> Value {
    let answer = BackgroundWork("directory", read)
    let end = Deadline(seconds: seconds)
    while true {
      if let result = answer.value(within: .now() + .milliseconds(50)) { return try result.get() }
      if isCalledOff() { throw Failure(.stopped, at: path, "a stop was asked for before the directory was read") }
      guard end.isOver else { continue }
      throw Failure(
        .inputOutput, at: path, "no answer from its file system within \(Int(seconds)) s",
        cure: "go on with --resume once it answers")
    }
  }
}
