import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// How a process ends that gets no more memory: by one line and unavailable (69), where Swift's runtime would trap.
///
/// An array, a buffer or a library's allocation that fails cannot throw. Sizes that files and settings decide are checked
/// before, where that is possible; this is for what is left.
package enum OutOfMemory {
  private struct Context {
    var speaker = "lockstep"
    var activity: String?
  }

  private static let context = Mutex(Context())

  /// Who speaks in the last line: `rank 1 on node2`, instead of `lockstep`.
  package static func speak(as name: String) { context.withLock { $0.speaker = name } }

  /// What the process does from now on, as the last line is to tell it: `reading train.csv`.
  package static func note(_ activity: String) { context.withLock { $0.activity = activity } }

  /// The exit code.
  package static let code = ExitCode.unavailable.rawValue

  /// Writes the line and ends the process, without anything that would need more than a little memory.
  package static func end(wanting bytes: Int) -> Never {
    end(
      expecting: "\(megabytes(UInt64(max(0, bytes)))) more memory, found none\(limit)",
      cure: "lift the limit, or make the data, the batch, the model or the number of lanes smaller")
  }

  /// The same for a thread: there is no memory for its stack, or there may be no more threads.
  static func end(wantingThread name: String, of bytes: Int, because error: Int32) -> Never {
    end(
      expecting: "one more thread (\(name), with \(megabytes(UInt64(bytes))) of memory), found "
        + "\(String(cString: strerror(error)))\(limit)",
      cure: "lift the limit of memory or of threads (ulimit -u, a container's pids.max), or take fewer lanes")
  }

  /// The same for anything else that the process cannot do without.
  package static func end(expecting what: String, cure: String) -> Never {
    // The thread that holds the lock may be the one whose allocation failed.
    let context = context.withLockIfAvailable { $0 } ?? Context()
    let failure = Failure(.unavailable, at: context.activity, "expected \(what)", cure: cure)
    writeStandardError(line: "\(context.speaker): \(failure)")
    _exit(code)
  }

  /// Ends the process by a failure that nobody above can be told of, and by its code.
  package static func end(_ failure: Failure) -> Never {
    let context = context.withLockIfAvailable { $0 } ?? Context()
    writeStandardError(line: "\(context.speaker): \(failure)")
    _exit(failure.code.rawValue)
  }

  /// The limit that the process has of its own; empty where it has none.
  private static var limit: String {
    guard let least = processLimit else { return " on this host" }
    return " (\(least.name) allows \(megabytes(least.bytes)) a process)"
  }

  /// The least of the limits that this process was started with, and how a shell sets it; nil where there is none.
  package static var processLimit: (name: String, bytes: UInt64)? {
    [(__rlimit_resource_t(RLIMIT_AS.rawValue), "ulimit -v"), (__rlimit_resource_t(RLIMIT_DATA.rawValue), "ulimit -d")]
      .compactMap { resource, name in
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur != rlim_t.max else { return nil }
        return (name, UInt64(limit.rlim_cur))
      }
      .min { $0.bytes < $1.bytes }
  }

  private static func megabytes(_ bytes: UInt64) -> String {
    bytes < 1_000_000 ? "\(bytes / 1000).\(bytes / 100 % 10) kB" : "\(bytes / 1_000_000).\(bytes / 100_000 % 10) MB"
  }
}
