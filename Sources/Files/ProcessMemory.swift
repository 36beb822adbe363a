import Diagnostics
import Glibc

/// The memory that data may take.
package enum ProcessMemory {
  /// Bytes that this process may have at most: the host's memory, or a limit that was set lower (`ulimit -v` or `-d`, a
  /// container's).
  package static let bytes: Int = {
    let host = max(1, sysconf(Int32(_SC_PHYS_PAGES))) * max(1, sysconf(Int32(_SC_PAGESIZE)))
    let own = OutOfMemory.processLimit.map { Int(clamping: $0.bytes) } ?? .max
    return max(1, min(host, own, container ?? .max))
  }()

  /// What the control group of this process allows; nil where that is without limit or unknown.
  private static var container: Int? {
    let paths = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    for path in paths {
      guard let file = fopen(path, "re") else { continue }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 64)
      guard fgets(&line, Int32(line.count), file) != nil else { continue }
      let digits = line.prefix { $0 >= 48 && $0 < 58 }.map { UInt8(bitPattern: $0) }
      return Int(String(decoding: digits, as: UTF8.self))
    }
    return nil
  }
}
