import Foundation

/// What the kernel says about this process's memory.
enum ProcessMemory {
  /// The most bytes that were ever resident at once (VmHWM); 0 where the system does not tell.
  static var peak: Int {
    let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
    return peak(inStatus: String(decoding: status, as: UTF8.self))
  }

  static func peak(inStatus text: String) -> Int {
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
  }
}
