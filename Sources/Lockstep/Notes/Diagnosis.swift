import Communication

/// Findings from what the ranks told of themselves: arithmetic alone, nothing is asked and nothing measured.
package struct Diagnosis {
  let ranks: [RankFacts]

  /// Facts by host, in the order of the hosts' first ranks.
  package let hosts: [(name: String, ranks: [RankFacts])]

  /// - Parameter ranks: the facts of all ranks, in rank order.
  package init(_ ranks: [RankFacts]) {
    self.ranks = ranks
    var names: [String] = []
    for rank in ranks where !names.contains(rank.host) { names.append(rank.host) }
    hosts = names.map { name in (name, ranks.filter { $0.host == name }) }
  }

  package var findings: [Finding] {
    cores + arithmetic + versions + unread + sharedMemory + singleCopy + network + clocks
  }
}

extension Diagnosis {
  /// What matters of a start, as lines on rank zero, none elsewhere: only what the ranks know without measuring.
  ///
  /// All ranks call it.
  static func notes(
    _ world: any Communicator, lanes: Int, choice: RunConfiguration.InstructionSetChoice?, environment: [String: String]
  ) throws -> [String] {
    let facts = RankFacts(world, lanes: lanes, choice: choice, mpi: "", environment: environment)
    let texts = try world.allGather(try facts.encoded)
    guard world.rank == 0 else { return [] }
    return Diagnosis(try texts.map { try RankFacts(encoded: $0) }).findings.map(\.line)
  }
}

// MARK: - Cores

extension Diagnosis {
  /// More lanes than cores, as where all ranks are bound to one; containers with less time than cores.
  var cores: [Finding] {
    hosts.flatMap { name, ranks in
      let cores = Set(ranks.flatMap(\.cores)).count
      let lanes = ranks.reduce(0) { $0 + $1.lanes }
      var findings: [Finding] = []
      if lanes > cores {
        let fewer = ranks.count > cores ? "start fewer ranks on this host" : "lower lanes"
        let online = ranks[0].onlineCores
        findings.append(
          Finding(
            .warning, "\(count(lanes, "lane")) on \(count(cores, "core"))", hosts: [name],
            why: "they take turns, and ranks wait for the slowest",
            cure: cores * 2 > online
              ? fewer
              : "\(fewer), or let mpirun use more of the \(online) cores (taskset, srun, docker --cpuset-cpus)"
          ))
      }
      if let quota = ranks.compactMap(\.quota).min(), quota < Double(min(lanes, cores)) {
        findings.append(
          Finding(
            .warning,
            "\(count(lanes, "lane")) in a container that may use \(fixed(quota, 1)) cores' worth of time",
            hosts: [name], why: "they are stopped again and again for the rest of each period",
            cure: "raise the limit (docker --cpus), or set lanes to fit"))
      }
      return findings
    }
  }
}

// MARK: - Arithmetic

extension Diagnosis {
  /// Processors without fused multiply-adds, of which all products consist.
  var arithmetic: [Finding] {
    hosts.compactMap { name, ranks in
      guard ranks.contains(where: \.fusesInSoftware) else { return nil }
      return Finding(
        .warning, "its processor has no fused multiply-adds (FMA)", hosts: [name],
        why: "the C library computes each in software, to the same bits, more than a thousand times slower than AVX2",
        cure:
          "take a host that has them, as most since 2013; where it is a virtual machine, let it see its host's (qemu -cpu host)"
      )
    }
  }
}

// MARK: - Versions

extension Diagnosis {
  /// Programs, libraries and processors that differ between hosts.
  var versions: [Finding] {
    var findings: [Finding] = []
    func compare(
      _ severity: Finding.Severity, _ noun: String, _ version: (RankFacts) -> String, why: String,
      cure: String
    ) {
      let first = version(ranks[0])
      for (name, group) in hosts {
        guard let other = group.first(where: { version($0) != first }) else { continue }
        findings.append(
          Finding(
            severity, "\(noun) \(version(other)), but \(first) on \(ranks[0].host)", hosts: [name],
            why: why,
            cure: cure))
      }
    }
    compare(
      .grave, "Lockstep", \.lockstep, why: "other versions may compute other bits",
      cure: "copy the same binary to every host")
    compare(
      .grave, "MPI is", \.mpi, why: "Open MPI promises to work with itself alone",
      cure: "install the same version on every host")
    compare(
      .warning, "the instruction set is", \.instructionSet,
      why: "the slower host keeps the others waiting",
      cure: "leave the slower hosts out, if they cost more than they give")
    return findings
  }
}

extension Diagnosis {
  /// Files that tell which bits a rank computes, where they cannot be read: such a host is not left out for it.
  var unread: [Finding] {
    hosts.compactMap { name, ranks in
      guard let files = ranks.map(\.unread).first(where: { !$0.isEmpty }) else { return nil }
      return Finding(
        .warning, "\(listing(files, of: "files")) cannot be read there", hosts: [name],
        why: "whether it is the same as on other hosts is not known", cure: "let this user read it, or mount /proc")
    }
  }
}

// MARK: - Shared memory

extension Diagnosis {
  /// Room in /dev/shm, over which ranks of a host talk: 64 MB is what docker gives.
  var sharedMemory: [Finding] {
    hosts.compactMap { name, ranks in
      let room = ranks.map(\.sharedRoom).min() ?? 0
      guard ranks.count > 1, room < Self.leastRoom else { return nil }
      return Finding(
        .warning, "\(room >> 20) MB are free in /dev/shm", hosts: [name],
        why:
          "its \(ranks.count) ranks share gradients there, and send messages where there is no room",
        cure: "free some, or start the container with --shm-size=1g")
    }
  }

  private static var leastRoom: Int { 128 << 20 }
}

extension Diagnosis {
  /// Ranks of one host that may not read each other's memory. It matters where there are several hosts: on one alone,
  /// gradients are shared and not sent.
  var singleCopy: [Finding] {
    guard hosts.count > 1 else { return [] }
    return hosts.compactMap { name, ranks in
      guard ranks.contains(where: { $0.readsNeighbour == false }) else { return nil }
      return Finding(
        .warning, "its ranks may not read each other's memory (process_vm_readv)", hosts: [name],
        why: "Open MPI copies large messages between them twice",
        cure: "start the container with --cap-add=SYS_PTRACE, or set kernel.yama.ptrace_scope to 0")
    }
  }
}

// MARK: - Clocks

extension Diagnosis {
  /// Hosts whose clock differs from the first one's by a second or more.
  var clocks: [Finding] {
    guard let first = ranks[0].clock else { return [] }
    return hosts.compactMap { name, ranks in
      guard let clock = ranks[0].clock, abs(clock - first) >= 1 else { return nil }
      let difference = fixed(abs(clock - first), 1)
      return Finding(
        .warning,
        "its clock is \(difference) s \(clock < first ? "behind" : "ahead of") \(self.ranks[0].host)'s",
        hosts: [name], why: "times in logs and of files on shared disks mislead",
        cure: "set the clocks by NTP (timedatectl set-ntp true)")
    }
  }
}

// MARK: - Network

extension Diagnosis {
  /// Addresses that two hosts have, hosts without a common network, and several common networks: all of them slow Open
  /// MPI down or have it wait for ever, unless it is told which interface to use.
  var network: [Finding] {
    guard hosts.count > 1, ranks.allSatisfy({ $0.interfaceChoice == nil }) else { return [] }
    // Bridges of containers and virtual machines have the same address everywhere: they lead to no other host.
    var holders: [String: [String]] = [:]
    for (name, ranks) in hosts {
      for interface in ranks[0].interfaces { holders[interface.address, default: []].append(name) }
    }
    let doubled = holders.filter { $0.value.count > 1 }.keys.sorted()
    let networks = hosts.map { _, ranks in
      Set(ranks[0].interfaces.filter { !doubled.contains($0.address) }.map(\.network))
    }
    let usable = networks.dropFirst().reduce(networks[0]) { $0.intersection($1) }.sorted()
    let cure = "choose one: mpirun --mca btl_tcp_if_include \(usable.first ?? "NETWORK/BITS")"

    if let address = doubled.first {
      let name = ranks.flatMap(\.interfaces).first { $0.address == address }?.name ?? ""
      return [
        Finding(
          .warning, "\(name) has the same address \(address) on several hosts",
          hosts: holders[address] ?? [],
          why: "Open MPI may try to reach other hosts over it, and hang", cure: cure)
      ]
    }
    if usable.isEmpty {
      return [
        Finding(
          .warning, "the hosts have no network in common",
          why: "what goes through routers is slower, and may be blocked", cure: cure)
      ]
    }
    guard usable.count > 1 else { return [] }
    return [
      Finding(
        .warning, "the hosts have several networks in common (\(usable.joined(separator: ", ")))",
        why: "Open MPI spreads messages over all of them, also over slow ones", cure: cure)
    ]
  }
}
