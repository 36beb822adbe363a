import Foundation

/// What the processor can that not every one of its kind can.
package enum ProcessorFeatures {
  /// Whether it has fused multiply-adds, which the C library makes use of; true where the system does not tell.
  package static var fusesMultiplyAdds: Bool {
    #if arch(x86_64)
      let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      return text.flatMap(flags(of:)).map { !$0.isDisjoint(with: ["fma", "fma4"]) } ?? true
    #else
      // Those of AArch64 all have them.
      return true
    #endif
  }

  /// The flags of the first core in a text of `/proc/cpuinfo`; nil where it has none.
  static func flags(of text: String) -> Set<Substring>? {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == "flags" else { continue }
      return Set(parts[1].split(separator: " "))
    }
    return nil
  }
}
