import Diagnostics
import Foundation
import Synchronization

/// Counts the changes of a directory and its files.
struct DirectoryChanges {
  private let directory: String
  private var seen: Int?
  /// A number that changes whenever something there does.
  private(set) var count = 0

  init(of directory: String) { self.directory = directory }

  /// Compares with what the look before has found; the first finds no change.
  mutating func look() {
    let found = times
    if let seen, found != seen { count += 1 }
    seen = found
  }

  /// All times of change together: the newest alone would hide others where it lies in the future.
  private var times: Int {
    var hasher = Hasher()
    for name in [""] + ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted() {
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
      hasher.combine(name)
      hasher.combine(attributes?[.modificationDate] as? Date)
    }
    return hasher.finalize()
  }
}

/// Looks for changes again and again on a thread of its own: a network file system that hangs holds nobody else up.
final class DirectoryWatch: Sendable {
  private final class Shared: Sendable {
    let count = Atomic(0)
    let isOver = Atomic(false)
  }

  private let shared = Shared()

  /// - Parameter makeLook: called on that thread; what it makes returns a number that changes whenever something in the
  ///   directory does.
  init(every seconds: Double = 1, _ makeLook: @escaping @Sendable () -> () -> Int) {
    startThread("directory") { [shared] in
      let look = makeLook()
      while !shared.isOver.load(ordering: .relaxed) {
        shared.count.store(look(), ordering: .relaxed)
        usleep(UInt32(seconds * 1e6))
      }
    }
  }

  convenience init(of directory: String) {
    self.init {
      var changes = DirectoryChanges(of: directory)
      return {
        changes.look()
        return changes.count
      }
    }
  }

  deinit { shared.isOver.store(true, ordering: .relaxed) }

  /// What was found last; never waits.
  var count: Int { shared.count.load(ordering: .relaxed) }
}
