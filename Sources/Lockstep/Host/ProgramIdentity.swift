import Communication
import Diagnostics
import Foundation
import Host
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
  private static let libraries = ["libm.so"]

  /// Those without a checksum.
  var unread: [String] { zip(Self.names, checksums).compactMap { $1 == nil ? $0 : nil } }

  /// Of this process.
  static let ofThisProcess = ProgramIdentity()

  init(checksums: [UInt64?]) { self.checksums = checksums }

  private init() {
    let loaded = LoadedFiles.libraries
    // The link leads to the program even where its file was replaced or deleted since.
    checksums =
      [Self.checksum("/proc/self/exe") ?? LoadedFiles.program.flatMap(Self.checksum)]
      + Self.libraries.map { name in loaded.first { $0.contains("/\(name)") }.flatMap(Self.checksum) }
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
