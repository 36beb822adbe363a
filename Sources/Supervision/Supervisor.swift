import Checkpoints
import Diagnostics
import Foundation

/// Keeps a training going: starts mpirun, and starts it again from the newest whole checkpoint when a rank or a host dies.
///
/// Restarts change no bit of the result: the weights depend neither on the number of ranks nor on where a run was cut.
/// The run directory has to be on a file system that this host and the others see.
package struct Supervisor: Sendable {
  package struct Options: Sendable {
    /// Ranks to start, where there are hosts for them.
    package var ranks: Int
    /// With fewer ranks nothing is started.
    package var least = 1
    package var hostfile: String?
    /// Restarts in a row without a newer checkpoint.
    package var maxRestarts = 3
    package var backOff = BackOff(first: 1)
    /// Seconds that mpirun has until the first rank is heard; nil: for ever.
    package var startLimit: Double?

    package init(ranks: Int) { self.ranks = ranks }
  }

  private let options: Options
  /// The program and its arguments, without `--resume`.
  private let command: [String]
  private let directory: String
  private let environment: [String: String]

  /// - Parameters:
  ///   - command: the program and its arguments; `--resume` is added to go on.
  ///   - directory: the run directory, in which its checkpoints appear.
  package init(_ options: Options, command: [String], directory: String, environment: [String: String]) {
    (self.options, self.command, self.directory, self.environment) = (options, command, directory, environment)
  }

  /// Returns what to exit with: the code of a run that ended, or one that restarting cannot mend.
  ///
  /// - Parameters:
  ///   - resumes: whether already the first attempt goes on from a checkpoint.
  ///   - say: gets what the user should know, line by line.
  /// - Throws: unavailable (69) where fewer than the least ranks have a host, exhausted (71) after too many restarts.
  package func run(resumes: Bool, say: (String) -> Void) throws -> Int32 {
    let relay = StopRelay()
    let files = RunDirectory(path: directory) { relay.isRequested }
    var roster = try options.hostfile.map { Roster(try readFirst($0)) }
    var resumes = resumes
    var restarts = 0
    var newest: Int?
    do {
      newest = try files.newestStep
    } catch  where relay.isRequested {
      return stopped(files, say)
    }
    // `train` refuses to begin anew where there are checkpoints, and is to be asked again until it can.
    let mayResume = resumes || newest == nil
    var mayBeDeaf = false
    while true {
      let trouble: Failure
      let isFirst = !resumes && restarts == 0
      let place = try place(
        &roster, isFirst: isFirst, mayBeDeaf: mayBeDeaf, isCalledOff: { relay.isRequested }, say: say)
      // That may have taken a while.
      guard !relay.isRequested else { return stopped(files, say) }
      switch place {
      case .failure(let failure): trouble = failure
      case .success(let placement):
        let attempt = Attempt(
          ranks: placement?.ranks ?? options.ranks, hosts: placement?.hosts,
          command: command + (resumes ? ["--resume"] : []), environment: environment, directory: directory,
          startLimit: options.startLimit)
        let ended = try attempt.run(relay, say: say)
        let isDone = ended.completion.map { files.hasCheckpoint(ofStep: $0.step) } ?? false
        if case .handOn(let code) = Verdict(code: ended.code, isDone: isDone, stopRequested: relay.isRequested) {
          // Ranks that have obeyed have said so.
          if code == 0, ended.code != 0 { say("the training is done, though mpirun ended with code \(ended.code)") }
          return code == ExitCode.stopped.rawValue && code != ended.code ? stopped(files, say) : code
        }
        mayBeDeaf = ended.mayBeDeafness
        if let hint = ended.cause?.hint { say("\(ended.cause!.description): \(hint)") }
        resumes = mayResume
        if blame(ended.cause, &roster) {
          // There are only so many hosts to leave out.
          say("\(ended.cause!.description); going on without it")
          continue
        }
        let before = newest ?? -1
        // A file system that fails with a host may be back by the next attempt, which looks as well.
        newest = (try? files.newestStep) ?? newest
        guard !relay.isRequested else { return stopped(files, say) }
        if let newest, newest > before { restarts = 0 }
        trouble = Failure(.exhausted, ended.cause?.description ?? MPILauncher.ofThisBuild.end(ended.code))
      }
      restarts += 1
      guard restarts <= options.maxRestarts else { throw given(up: trouble) }
      let seconds = options.backOff.seconds(before: restarts)
      let step = newest.map { "from step \($0)" } ?? "from the beginning"
      say("\(trouble); going on \(step) in \(seconds.formatted()) s (restart \(restarts) of \(options.maxRestarts))")
      guard relay.sleep(seconds) else { return stopped(files, say) }
    }
  }

  /// What a stop leaves that no rank has told of; returns the exit code.
  private func stopped(_ files: RunDirectory, _ say: (String) -> Void) -> Int32 {
    do {
      say(
        try files.newestName.map { "stopped; go on from step \($0) with --resume" }
          ?? "stopped before the first checkpoint: nothing is kept, start it again")
    } catch {
      say("stopped; \(error)")
    }
    return ExitCode.stopped.rawValue
  }

  private func given(up trouble: Failure) -> Failure {
    let limit = options.maxRestarts
    let end = limit == 0 ? "" : "; gave up after \(count(limit, "restart")) without a newer checkpoint"
    return Failure(
      trouble.code, trouble.description + end,
      cure: "once that is mended, go on with --resume")
  }

  // MARK: - Hosts

  /// Returns whether a host is left out from now on, for what it lacks.
  private func blame(_ cause: ErrorStream.Cause?, _ roster: inout Roster?) -> Bool {
    guard let cause, let host = cause.host, roster != nil else { return false }
    if let lack = cause.lack { return roster!.exclude(host, lack: lack) }
    roster!.blame(host)
    return false
  }

  /// At the start, more ranks than slots are a mistake; later, hosts may have been taken out of the file.
  private func readFirst(_ path: String) throws -> Hostfile {
    let hostfile = try Hostfile(path: path)
    guard options.ranks <= hostfile.slots else {
      throw Failure(
        .usage, at: path, "expected slots for \(options.ranks) ranks, found \(hostfile.slots)",
        cure: "lower -n, or give the hosts more slots")
    }
    return hostfile
  }

  /// Where the next attempt runs: nil means this host alone. A failure may pass: hosts come back.
  private func place(
    _ roster: inout Roster?, isFirst: Bool, mayBeDeaf: Bool, isCalledOff: () -> Bool, say: (String) -> Void
  ) throws -> Result<Roster.Placement?, Failure> {
    guard roster != nil else { return .success(nil) }
    if !isFirst, let path = options.hostfile { reread(path, &roster!, say: say) }
    let silent = try HostProbe(environment: environment).silent(among: roster!.names, isCalledOff: isCalledOff)
    let answering = Set(roster!.names).subtracting(silent.map(\.host))
    // What was cut may be whole again.
    if !isCalledOff(), mayBeDeaf || !roster!.pairs.isEmpty {
      askEachOther(&roster!, answering, isCalledOff: isCalledOff, say: say)
    }
    let placement = roster!.placement(wanted: options.ranks, least: options.least, answering: answering)
    let dead = silent.map { "\($0.host) (\($0.reason))" }.joined(separator: ", ")
    guard placement.ranks >= max(1, options.least) else {
      return .failure(
        Failure(
          .unavailable,
          "expected hosts for \(options.least) ranks or more, found \(placement.ranks); silent: "
            + (dead.isEmpty ? "none" : dead)
            + (placement.unfit.isEmpty ? "" : "; unfit: \(placement.unfit.joined(separator: ", "))")
            + (placement.apart.isEmpty ? "" : "; not heard by others: \(placement.apart.joined(separator: ", "))")))
    }
    if !placement.leftOut.isEmpty {
      say("left out after repeated failures: \(placement.leftOut.joined(separator: ", "))")
    }
    if !placement.unfit.isEmpty { say("left out: \(placement.unfit.joined(separator: ", "))") }
    if !placement.apart.isEmpty { say("going on without \(placement.apart.joined(separator: ", "))") }
    if placement.ranks < options.ranks {
      say("\(placement.ranks) of \(options.ranks) ranks\(dead.isEmpty ? "" : "; silent: \(dead)")")
    }
    return .success(placement)
  }

  /// Asks the hosts that answer whether they hear each other, and says which do not.
  private func askEachOther(
    _ roster: inout Roster, _ answering: Set<String>, isCalledOff: () -> Bool, say: (String) -> Void
  ) {
    let hosts = roster.names.filter(answering.contains)
    guard hosts.count > 1, let program = command.first else { return }
    let probe = HostProbe(environment: environment)
    // A question that cannot be asked tells nothing.
    guard let told = try? probe.hearsay(among: hosts, program: program, isCalledOff: isCalledOff) else { return }
    for pair in told.pairs.prefix(8) { say("\(pair.first) and \(pair.second) do not hear each other") }
    if told.pairs.count > 8 { say("nor do \(told.pairs.count - 8) more pairs of hosts") }
    // Of hosts that told nothing, what was known is true as far as anybody knows.
    let known = roster.pairs.filter {
      !told.pairs.contains($0) && (!told.hosts.contains($0.first) || !told.hosts.contains($0.second))
    }
    if told.pairs.isEmpty, known.isEmpty, !roster.pairs.isEmpty { say("all hosts hear each other again") }
    roster.pairs = known + told.pairs
  }

  /// Takes new lines of the hostfile in; one that cannot be read, perhaps half written, changes nothing.
  private func reread(_ path: String, _ roster: inout Roster, say: (String) -> Void) {
    do {
      let (added, removed) = roster.update(try Hostfile(path: path))
      if !added.isEmpty { say("new in \(path): \(added.joined(separator: ", "))") }
      if !removed.isEmpty { say("gone from \(path): \(removed.joined(separator: ", "))") }
    } catch {
      say("\(error); the hosts stay as they were")
    }
  }
}
