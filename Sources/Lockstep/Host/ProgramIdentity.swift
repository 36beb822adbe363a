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
    var maps: [UInt8] = []
    _ = Self.read("/proc/self/maps") { maps += $0 }
    // 7f52c0000000-7f52c0001000 r--p 00000000 fe:00 1234    /usr/lib/x86_64-linux-gnu/libdnnl.so.2.7
    let mapped = String(decoding: maps, as: UTF8.self).split(separator: "\n").compactMap { line in
      line.firstIndex(of: "/").map { line[$0...] }
    }
    checksums =
      [Self.checksum("/proc/self/exe")]
      + Self.libraries.map { name in
        mapped.first { $0.contains("/\(name)") }.flatMap { Self.checksum(String($0)) }
      }
  }

  private static func checksum(_ path: String) -> UInt64? {
    var sum = Checksum()
    return read(path) { sum.add($0) } ? sum.value : nil
  }

  /// Hands out a file part by part; false where it cannot be read. Foundation takes a short part, as /proc gives, for the
  /// end.
  private static func read(_ path: String, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 8)
    defer { part.deallocate() }
    while true {
      let count = Foundation.read(file, part.baseAddress, part.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count == 0 }
      body(UnsafeRawBufferPointer(rebasing: part[..<count]))
    }
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
      let known = ranks.indices.filter { ranks[$0].checksums[index] != nil }
      let sums = known.map { [ranks[$0].checksums[index]!] }
      guard let odd = Disagreement(sums)?.ranks.map({ known[$0] }) else { continue }
      let usual = known.first { !odd.contains($0) }!
      throw CollectiveFailure(
        rank: odd[0], host: hosts[odd[0]],
        failure: Failure(
          .unavailable, "expected the same \(name) as rank \(usual) on \(hosts[usual]) runs, found another",
          cure: "install the same on all hosts, or leave this one out"))
    }
  }
}
