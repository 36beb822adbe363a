import Communication
import Diagnostics
import Foundation
import Host
import Kernels

/// What a rank sees of its host and itself, as it tells the others; a `Diagnosis` compares them.
package struct RankFacts: Codable, Equatable, Sendable {
  package var rank = 0
  package var host = ""
  /// Threads that compute.
  package var lanes = 1
  /// The cores that the ranks of this host may use: those of the process that started this rank, or else its own.
  package var cores: [Int] = []
  /// The cores of the host that are switched on.
  package var onlineCores = 1
  /// Cores' worth of time that a container's limit leaves (cgroup v2 `cpu.max`); nil: no limit.
  package var quota: Double?
  package var instructionSet = ""
  /// Whether the C library computes each fused multiply-add of products, since the processor has none, and nobody asked for that.
  package var fusesInSoftware = false
  package var lockstep = ""
  /// Which of the program and its libraries could not be read, and so not compared with those of other ranks.
  package var unread: [String] = []
  /// The name and version of the MPI library, where the caller knows it.
  package var mpi = ""
  /// The ways in which it sends messages, where the caller knows them.
  package var transport = ""
  /// Bytes free for shared memory in /dev/shm.
  package var sharedRoom = 0
  package var interfaces: [NetworkInterface] = []
  /// What `btl_tcp_if_include` and `btl_tcp_if_exclude` are set to, whichever is.
  package var interfaceChoice: String?

  /// Seconds since 1970, read on all ranks at one moment; nil: not measured.
  package var clock: Double?
  /// Whether the next rank of this host lets its memory be read; nil: not tried, or there is none.
  package var readsNeighbour: Bool?

  package init() {}

  /// The facts of the calling rank, for a run that asks for the instruction set `choice`; takes about a millisecond.
  package init(
    _ world: any Communicator, lanes: Int, choice: RunConfiguration.InstructionSetChoice?, mpi: String,
    environment: [String: String]
  ) {
    (rank, host, self.lanes, self.mpi) = (world.rank, world.host, lanes, mpi)
    cores = ProcessorCores.shared(environment: environment)
    onlineCores = ProcessInfo.processInfo.processorCount
    quota = Self.cpuQuota()
    instructionSet = InstructionSet.ofThisProcessor.rawValue
    fusesInSoftware = Self.fusesInSoftware(
      .ofThisProcessor, choice, processorFuses: ProcessorFeatures.fusesMultiplyAdds)
    lockstep = lockstepVersion
    if world.size > 1 { unread = ProgramIdentity.ofThisProcess.unread }
    sharedRoom = freeBytes(of: "/dev/shm") ?? 0
    interfaces = NetworkInterface.all()
    interfaceChoice =
      environment["OMPI_MCA_btl_tcp_if_include"] ?? environment["OMPI_MCA_btl_tcp_if_exclude"]
  }

  /// The facts as a text for the other ranks.
  package var encoded: String { get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) } }

  /// - Throws: unavailable (69) where another version of the program wrote the text.
  package init(encoded: String) throws {
    do {
      self = try JSONDecoder().decode(RankFacts.self, from: Data(encoded.utf8))
    } catch {
      throw Failure(
        .unavailable, "a rank tells of itself in another form than expected",
        cure: "copy the same binary to every host")
    }
  }

  /// The facts of all ranks, in rank order, on every rank. All ranks call it.
  package func shared(in world: any Communicator) throws -> [RankFacts] {
    try world.allGather(try encoded).map { try RankFacts(encoded: $0) }
  }

  /// Whether products are computed by the C library's fused multiply-adds in software, without `choice` having asked for them, on a
  /// processor whose widest instruction set is `widest`.
  static func fusesInSoftware(
    _ widest: InstructionSet, _ choice: RunConfiguration.InstructionSetChoice?, processorFuses: @autoclosure () -> Bool
  ) -> Bool {
    widest == .plain && choice != .plain && !processorFuses()
  }

  /// How many cores' worth of time the control group of this process may take.
  private static func cpuQuota() -> Double? {
    let groups = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
    let own = groups.split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3)
    // In a container the group's own folder is the root of what can be seen.
    for folder in [own.map(String.init), "/"].compactMap(\.self) {
      guard
        let text = try? String(contentsOfFile: "/sys/fs/cgroup\(folder)/cpu.max", encoding: .utf8)
      else { continue }
      return quota(text)
    }
    return nil
  }

  /// `200000 100000` is two cores; `max 100000` is no limit.
  static func quota(_ text: String) -> Double? {
    let numbers = text.split(whereSeparator: \.isWhitespace).map { Double($0) }
    guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], period > 0 else {
      return nil
    }
    return quota / period
  }
}
