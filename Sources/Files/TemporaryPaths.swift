import Foundation
import Synchronization

/// Folders and locks that this process holds while it works, and that go with it where a signal ends it.
///
/// What a process leaves that is killed by SIGKILL goes when another one comes to the same place.
package enum TemporaryPaths {
  private struct State {
    /// In the order in which they came.
    var paths: [String] = []
    var isEnding = false
  }

  private static let state = Mutex(State())

  /// Has `path` go where a signal ends the process in `body`.
  ///
  /// Once it ends, whatever `body` fails with comes of that, and nobody is told: this does not return.
  package static func holding<Result>(_ path: String, _ body: () throws -> Result) rethrows -> Result {
    state.withLock { $0.paths.append(path) }
    defer {
      state.withLock { state in
        if let place = state.paths.lastIndex(of: path) { state.paths.remove(at: place) }
      }
    }
    do { return try body() } catch {
      while state.withLock({ $0.isEnding }) { pause() }
      throw error
    }
  }

  /// Removes all of them, the last one first. The process is to end behind this: other threads may be writing there.
  package static func removeAll() {
    let paths = state.withLock { state in
      state.isEnding = true
      return state.paths
    }
    for path in paths.reversed() {
      // Files that come while a folder is emptied keep it: it is emptied again.
      for _ in 0..<100 where exists(path) {
        try? FileManager.default.removeItem(atPath: path)
        if exists(path) { usleep(5_000) }
      }
    }
  }
}
