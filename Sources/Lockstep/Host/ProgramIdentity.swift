import Communication
import Diagnostics
import Foundation
import Tensors
import Training

/// What computes in a process: the program's file, and those of the libraries whose arithmetic ends up in the result.
///
/// Two builds of one version may compute other bits, and a probe meets but a few operations.
struct ProgramIdentity: Equatable {
  /// A checksum of each file's bytes, in the order of `names`; nil where it cannot be read, or there is none.
  let checksums: [UInt64?]

  /// What messages call them.
  static let names = ["program"] + libraries
  private static let libraries = ["libdnnl.so", "libm.so"]

  /// Of this process; without /proc nothing is known.
  static let ofThisProcess = ProgramIdentity()

  init(checksums: [UInt64?]) { self.checksums = checksums }

  private init() {
    // A read gives a page at most, which Foundation's whole files take for the end.
    let maps = try? FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd()
    // 7f52c0000000-7f52c0001000 r--p 00000000 fe:00 1234    /usr/lib/x86_64-linux-gnu/libdnnl.so.2.7
    let mapped = String(decoding: maps ?? Data(), as: UTF8.self).split(separator: "\n").compactMap { line in
      line.firstIndex(of: "/").map { line[$0...] }
    }
    checksums =
      [Self.checksum("/proc/self/exe")]
      + Self.libraries.map { name in
        mapped.first { $0.contains("/\(name)") }.flatMap { Self.checksum(String($0)) }
      }
  }

  private static func checksum(_ path: String) -> UInt64? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    var sum = Checksum()
    do {
      while let part = try file.read(upToCount: 1 << 20), !part.isEmpty { part.withUnsafeBytes { sum.add($0) } }
    } catch {
      return nil
    }
    return sum.value
  }

  /// Throws a `CollectiveFailure` of the first rank with another program or library than most have, or else than rank
  /// zero. What a rank could not read is not compared.
  static func requireSame(_ world: any Communicator) throws {
    let own = ofThisProcess.checksums.map { $0 ?? 0 }
    let hosts = try world.allGather(world.host)
    try requireSame(try world.allGather(own).map { Self(checksums: $0.map { $0 == 0 ? nil : $0 }) }, hosts: hosts)
  }

  static func requireSame(_ ranks: [ProgramIdentity], hosts: [String]) throws {
    for (index, name) in names.enumerated() {
      try Disagreement.refuse(ranks.map { $0.checksums[index] }, hosts: hosts) { _, usual in
        Failure(
          .unavailable, "expected the same \(name) as rank \(usual) on \(hosts[usual]) runs, found another",
          cure: "install the same on all hosts, or leave this one out")
      }
    }
  }
}
