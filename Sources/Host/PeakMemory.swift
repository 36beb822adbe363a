import Foundation

/// What the kernel says about this process's memory.
package enum PeakMemory {
  /// The most bytes that were ever resident at once (VmHWM); 0 where the system does not tell.
  package static var bytes: Int {
    let status = FileManager.default.contents(atPath: "/proc/self/status") ?? Data()
    return bytes(inStatus: String(decoding: status, as: UTF8.self))
  }

  static func bytes(inStatus text: String) -> Int {
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
  }
}
