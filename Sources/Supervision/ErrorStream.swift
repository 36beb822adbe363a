import Diagnostics

/// Sorts the lines that mpirun and the ranks print on standard error, and finds out what ended the attempt.
///
/// A rank's own line is the reason, and passes at once. What mpirun adds (boxes of dashes, `[host:pid] …`) and what
/// other ranks say of a peer that is gone (`rank 0 on node1: MPI_Waitall, …`) are consequences: they are held, and shown
/// only where there is nothing better. Ranks that wait in vain (`rank 0 on node1: no progress for 300 s: …`) say so of
/// themselves, and are shown, but the host at fault is the one that rank zero then names.
struct ErrorStream {
  /// What ended an attempt: `rank 1 on node2 was ended by signal 9 (Killed)`.
  struct Cause: Equatable {
    let description: String
    /// The host it happened on, where that is known.
    var host: String?
    /// Whether the user has seen the reason already.
    var isShown = false
    /// What the host lacks, so that no rank can run there at all.
    var lack: String?

    /// What such an end comes from and what helps, where the description alone does not tell.
    var hint: String? {
      description.firstMatch(of: #/ended by signal ([0-9]+)/#).flatMap { Int32($0.1) }.flatMap(
        Supervision.hint(ofSignal:))
    }
  }

  /// Lines that were not passed on, in their order.
  private(set) var held: [String] = []
  private var complaint: Cause?
  private var signal: Cause?
  private var lostHost: Cause?
  private var consequence: Cause?
  private var unfit: Cause?
  private var absent: Cause?
  private var isInBox = false
  /// What boxes have said so far of a program that cannot be started, and of the first rank that failed.
  private var executable: String?
  private var firstToFail: Int?
  /// Why a program's libraries were not loaded.
  private var loading: String?
  /// The step with which the training was done.
  private(set) var completion: Completion?
  /// The host of each rank, in order, where that is known.
  private let hosts: [String]

  init(hosts: [String] = []) { self.hosts = hosts }

  /// Whether ranks waited in vain, or launch for them.
  private(set) var sawStandstill = false
  /// Where each rank was, as far as their pulses tell.
  private(set) var pulses = Pulses()

  /// The line, if it is to be shown at once.
  mutating func take(_ line: String) -> String? {
    let line = Self.untagged(line)
    if pulses.take(line) { return nil }
    if let completion = Completion(line: line) {
      self.completion = completion
      return nil
    }
    if line.count > 20, line.allSatisfy({ $0 == "-" }) {
      isInBox.toggle()
      return hold(line)
    }
    if isInBox {
      read(boxed: line)
      return hold(line)
    }
    if let match = line.wholeMatch(of: #/rank ([0-9]+) on ([^ :]+): (.*)/#) {
      let (rank, host, text) = (match.1, String(match.2), match.3)
      if text.hasPrefix("MPI_") {
        consequence = consequence ?? Cause(description: line, host: host)
        return hold(line)
      }
      // Whoever waits is not late, and of two ranks that differ nobody can tell which is right.
      if let match = text.prefixMatch(of: #/no progress for [^:]+|step [0-9]+: the ranks have different parameters/#) {
        consequence = consequence ?? Cause(description: String(match.output), isShown: true)
        if match.output.hasPrefix("no progress") { noteStandstill() }
        return line
      }
      complaint = complaint ?? Cause(description: "rank \(rank) on \(host) failed", host: host, isShown: true)
      return line
    }
    let named = #/lockstep: (rank [0-9]+ on ([^ ,]+).*? (?:answer|late|called [^ ]+))[,:; ].*/#
    if let match = line.wholeMatch(of: named) {
      complaint = complaint ?? Cause(description: String(match.1), host: String(match.2), isShown: true)
      return line
    }
    // MPICH's own words, behind the rank's.
    if line.hasPrefix("application called MPI_Abort(") { return hold(line) }
    if let match = line.firstMatch(of: #/: error while loading shared libraries: (.*)$/#) { loading = String(match.1) }
    // `[node1:12345] *** Process received signal ***`, `[node1][[1234,1],0][btl_tcp.c:1:f] …`
    return line.hasPrefix("[") ? hold(line) : line
  }

  /// Notes that hosts do not answer, which no line has told. Where that is true of all, it is this host that hears nobody.
  mutating func lose(_ lost: [String], of all: [String]) {
    guard lostHost == nil, let first = lost.first else { return }
    if all.count > 1, lost.count == all.count {
      lostHost = Cause(description: "none of the hosts answers: is this host's own network cut?")
    } else {
      lostHost = Self.loss(of: first)
    }
  }

  private static func loss(of host: String) -> Cause {
    Cause(description: "\(host) was lost: it no longer answers", host: host)
  }

  /// A rank that has ceased to tell of itself when others have waited in vain is who they wait for. Later on they end.
  private mutating func noteStandstill() {
    sawStandstill = true
    guard absent == nil, let (rank, host) = silentRank(of: hosts.count) else { return }
    absent = Cause(description: "rank \(rank) on \(host) says nothing any more", host: host)
  }

  /// Where others speak, the first rank that does not, and its host.
  private func silentRank(of ranks: Int) -> (rank: Int, host: String)? {
    let silent = pulses.silent(among: ranks)
    guard let first = silent.first, silent.count < ranks else { return nil }
    return (pulses.last[first]?.host ?? (hosts.indices.contains(first) ? hosts[first] : nil)).map { (first, $0) }
  }

  /// A line without what launchers put before it where they are told to: `[1,0]<stderr>:`, or Hydra's `[0] `.
  private static func untagged(_ line: String) -> String {
    guard line.contains("<std") || line.hasPrefix("[") else { return line }
    return line.replacing(#/^(?:.*\[[0-9]+,[0-9]+\]<std(?:err|diag)> ?:|\[[0-9]+\] )/#, with: "")
  }

  /// Notes that nothing has moved for so many seconds on `ranks` ranks, which no line has told.
  mutating func stall(seconds: Double, ranks: Int) {
    sawStandstill = true
    guard complaint == nil else { return }
    let host = silentRank(of: ranks)?.host
    complaint = Cause(
      description: "nothing has moved for \(Int(seconds.rounded())) s: \(pulses.text(of: ranks))", host: host)
  }

  /// Whether hosts that do not hear each other may be what ended the attempt: ranks waited, or nobody says why.
  var mayBeDeafness: Bool { sawStandstill || (complaint ?? unfit ?? signal ?? lostHost) == nil }

  /// The best explanation that the lines give; nil where they give none.
  var cause: Cause? { complaint ?? unfit ?? signal ?? lostHost ?? absent ?? consequence }

  private mutating func hold(_ line: String) -> String? {
    held.append(line)
    return nil
  }

  private func lacking(_ lack: String, on host: String) -> Cause {
    Cause(description: "\(host) lacks \(lack)", host: host, lack: lack)
  }

  private mutating func read(boxed line: String) {
    if signal == nil,
      let match = line.firstMatch(of: #/process rank ([0-9]+) .*on node ([^ ]+) exited on signal (.*?)\.?$/#)
    {
      signal = Cause(
        description: "rank \(match.1) on \(match.2) was ended by signal \(match.3)", host: String(match.2))
    }
    if let match = line.wholeMatch(of: #/Executable: (.*)/#) { executable = String(match.1) }
    if unfit == nil, let executable, let match = line.wholeMatch(of: #/Node: ([^ ]+)/#) {
      unfit = lacking("\(executable), or leave to run it", on: String(match.1))
    }
    if let match = line.firstMatch(of: #/Process name: \[\[[0-9]+,[0-9]+\],([0-9]+)\]/#) { firstToFail = Int(match.1) }
    // What the dynamic loader exits with.
    if unfit == nil, let firstToFail, let loading, hosts.indices.contains(firstToFail),
      line.contains(#/Exit code: +127$/#)
    {
      unfit = lacking("a library (\(loading))", on: hosts[firstToFail])
    }
    if lostHost == nil, let match = line.firstMatch(of: #/Remote daemon: .* on node ([^ ]+)/#) {
      lostHost = Self.loss(of: String(match.1))
    }
  }
}
