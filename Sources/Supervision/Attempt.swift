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

  /// What an attempt ended with.
  struct Ended {
    /// mpirun's exit code, or 128 + the signal that ended it.
    let code: Int32
    let cause: ErrorStream.Cause?
    /// What rank zero said when the training was done.
    let completion: Completion?
    /// Whether hosts that do not hear each other may be the reason.
    let mayBeDeafness: Bool
  }

  /// Runs to the end. What the ranks say of a failure is passed on as it comes, before anything of our own.
  func run(_ relay: StopRelay, say: (String) -> Void) throws -> Ended {
    let hostfile = try hosts.map { try TemporaryFile(MPILauncher.ofThisBuild.hostfile(Hostfile($0))) }
    defer { withExtendedLifetime(hostfile) {} }
    let child = try ChildProcess(launcher(hostfile: hostfile?.path).words(command))
    return relay.serving(child.identifier) {
      var stream = ErrorStream(hosts: hostsOfRanks)
      var order: OrderToEnd?
      let changes = DirectoryWatch(of: directory)
      var watch = HostWatch()
      let names = (hosts ?? []).map(\.name)
      var standstill = Standstill(start: startLimit)
      var lineCount = 0
      while child.code == nil {
        for line in child.lines(within: 0.05) {
          if !Pulse.isPulse(line) { lineCount += 1 }
          if let line = stream.take(line) { writeStandardError(line: line) }
        }
        if !stream.pulses.last.isEmpty { relay.noteRanks() }
        if stream.cause == nil {
          let moves = [lineCount, stream.pulses.changes, changes.count]
          let lost = watch.lost(moves) {
            let heard = Set(stream.pulses.hosts().map(Roster.short))
            return try? HostProbe(environment: environment).ask(names.filter { !heard.contains(Roster.short($0)) })
          }
          if !lost.isEmpty {
            stream.lose(lost, of: names)
            order = OrderToEnd(within: 0)
          } else if let seconds = standstill.seconds(moves, patience: stream.pulses.patience) {
            stream.stall(seconds: seconds, ranks: ranks)
            order = OrderToEnd(within: 0)
          }
        }
        if order == nil, stream.cause != nil { order = OrderToEnd(within: grace) }
        if order == nil, relay.isCutShort { order = OrderToEnd(within: 0, isGiven: true) }
        order?.give(to: child)
      }
      let code = child.code ?? 0
      // Nothing explains it, or only what ranks say of a peer that is gone: then that is what the user gets.
      if code != 0, code != ExitCode.stopped.rawValue, stream.cause == nil, !relay.isRequested {
        for line in stream.held { writeStandardError(line: line) }
      }
      return Ended(
        code: code, cause: stream.cause, completion: stream.completion,
        mayBeDeafness: code == ExitCode.hung.rawValue || stream.mayBeDeafness)
    }
  }

  /// Of all ranks, in order: mpirun fills one host after the other. Unknown where it is told to do otherwise, or where
  /// there is this host alone.
  private var hostsOfRanks: [String] {
    guard !environment.keys.contains(where: { $0.hasPrefix("OMPI_MCA_rmaps_") }) else { return [] }
    return Array((hosts ?? []).flatMap { Array(repeating: $0.name, count: $0.slots) }.prefix(ranks))
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
    var launcher = MPIRun(ranks: ranks, hostfile: hostfile, environment: environment)
    launcher.exports = [Pulse.variable: "1"]
    for name in Self.keepalive.keys { launcher.settings["oob_tcp_keepalive_\(name)"] = "\(Int(keepalive(name)))" }
    return launcher
  }
}

/// Ends an mpirun that does not end by itself: SIGTERM at its time, SIGKILL five seconds later.
///
/// What mpirun has sent to a host that is gone, such as the order to end, TCP repeats for a quarter of an hour; meanwhile
/// no keepalive is sent, and mpirun waits. Its daemons on other hosts end when they lose it.
private struct OrderToEnd {
  private let end: Deadline
  private var isGiven: Bool

  /// - Parameter isGiven: whether it has had SIGTERM already.
  init(within seconds: Double, isGiven: Bool = false) { (end, self.isGiven) = (Deadline(seconds: seconds), isGiven) }

  mutating func give(to child: ChildProcess) {
    if end.remaining < -5 {
      child.signal(SIGKILL)
    } else if end.isOver, !isGiven {
      child.signal(SIGTERM)
      isGiven = true
    }
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
