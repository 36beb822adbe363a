import Diagnostics
import Foundation

/// One mpirun, from its start to its end.
struct Attempt {
  let ranks: Int
  /// Nil: this host alone.
  let hosts: [Hostfile.Host]?
  let command: [String]
  let environment: [String: String]
  /// The run directory: while its files change, the run goes on.
  let directory: String
  /// Seconds that mpirun has until the first rank is heard; nil: for ever.
  let startLimit: Double?

  /// Seconds without a change there after which hosts are asked whether they answer.
  static let quiet = 30.0

  /// What an attempt ended with.
  struct Ended {
    /// mpirun's exit code, or 128 + the signal that ended it.
    let code: Int32
    let cause: ErrorStream.Cause?
    /// Whether hosts that do not hear each other may be the reason.
    let mayBeDeafness: Bool
  }

  /// Runs to the end. What the ranks say of a failure is passed on as it comes, before anything of our own.
  func run(_ relay: StopRelay, say: (String) -> Void) throws -> Ended {
    let hostfile = try hosts.map { try TemporaryFile(Hostfile($0).text) }
    defer { withExtendedLifetime(hostfile) {} }
    let child = try ChildProcess(launcher(hostfile: hostfile?.path).words(command))
    return relay.serving(child.identifier) {
      var stream = ErrorStream()
      var isKnown: Date?
      var suspect: String?
      var silence = Silence(of: directory, limit: Self.quiet)
      var standstill = Standstill(start: startLimit)
      var (lineCount, isStalled) = (0, false)
      while child.code == nil {
        // An mpirun that loses a host just when its ranks have ended waits for that host's word for ever. A host that was
        // busy once is not lost.
        if stream.cause == nil, silence.isOver() {
          let silent = silentHost()
          if let silent, silent == suspect { stream.lose(silent) }
          suspect = silent
        }
        for line in child.lines(within: 0.05) {
          if !Pulse.isPulse(line) { lineCount += 1 }
          if let line = stream.take(line) { writeStandardError(line: line) }
        }
        if stream.cause == nil,
          let seconds = standstill.seconds(
            [lineCount, stream.pulses.changes, silence.changes], patience: stream.pulses.patience)
        {
          stream.stall(seconds: seconds, ranks: ranks, hosts: hostsOfRanks)
          isStalled = true
        }
        if stream.cause != nil, isKnown == nil { isKnown = Date() }
        if let isKnown { hurry(child, seconds: -isKnown.timeIntervalSinceNow + (isStalled ? grace : 0)) }
      }
      let code = child.code ?? 0
      // Nothing explains it, or only what ranks say of a peer that is gone: then that is what the user gets.
      if code != 0, code != ExitCode.stopped.rawValue, stream.cause == nil, !relay.isRequested {
        for line in stream.held { writeStandardError(line: line) }
      }
      return Ended(
        code: code, cause: stream.cause, mayBeDeafness: code == ExitCode.hung.rawValue || stream.mayBeDeafness)
    }
  }

  /// Of all ranks, in order: mpirun fills one host after the other. Unknown where there is this one alone.
  private var hostsOfRanks: [String] { (hosts ?? []).flatMap { Array(repeating: $0.name, count: $0.slots) } }

  /// The first host that does not answer; nil where all do, or there is this one alone.
  private func silentHost() -> String? {
    // A question that cannot be asked tells nothing.
    try? HostProbe(environment: environment).silent(among: (hosts ?? []).map(\.name)).first?.host
  }

  /// Ends an mpirun that knows of a failure for so many seconds, and cannot end.
  ///
  /// What it has sent to a host that is gone, such as the order to end, TCP repeats for a quarter of an hour; meanwhile
  /// no keepalive is sent, and mpirun waits. Its daemons on other hosts end when they lose it.
  private func hurry(_ child: ChildProcess, seconds: Double) {
    if seconds > grace + 5 {
      child.signal(SIGKILL)
    } else if seconds > grace {
      child.signal(SIGTERM)
    }
  }

  /// As long as mpirun takes to find out by itself that a host is gone.
  private var grace: Double { keepalive("time") + keepalive("intvl") * keepalive("probes") + 5 }

  private func keepalive(_ name: String) -> Double {
    environment["OMPI_MCA_oob_tcp_keepalive_\(name)"].flatMap { Double($0) } ?? Double(Self.keepalive[name]!)
  }

  /// By default Open MPI notices after eight minutes that a host has lost its power or its network.
  private static let keepalive = ["time": 10, "intvl": 5, "probes": 3]

  private func launcher(hostfile: String?) -> MPIRun {
    // Slots are counted by the roster, and ranks that share a core must give it up when they wait.
    var launcher = MPIRun(ranks: ranks, hostfile: hostfile)
    launcher.exports = [Pulse.variable: "1"]
    for name in Self.keepalive.keys { launcher.settings["oob_tcp_keepalive_\(name)"] = "\(Int(keepalive(name)))" }
    return launcher
  }
}

/// A file for another program to read, deleted when it is let go of.
private final class TemporaryFile {
  let path: String

  init(_ text: String) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-hosts-\(UUID().uuidString)").path
    do {
      try text.write(toFile: path, atomically: false, encoding: .utf8)
    } catch {
      throw Failure(.inputOutput, at: path, "the hostfile of mpirun cannot be written: \(error)", cure: "set TMPDIR")
    }
  }

  deinit { unlink(path) }
}
