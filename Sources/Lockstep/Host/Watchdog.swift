import Communication
import Diagnostics
import Foundation
import Host
import Synchronization

/// Ends a job that makes no progress, and says who is late: a thread beside the main thread of each rank.
///
/// ```swift
/// let watchdog = Watchdog()
/// watchdog.exit(withMPI(noting: watchdog.progress) { world in
///   try TrainingRun(recipe: "two-class", world: world, watchdog: watchdog).train()
/// })
/// ```
/// It is made on the first line of a program and needs no MPI: the start, the run and the end have one deadline, which
/// what is noted in `progress` puts off. A rank that has noted nothing for so long writes where it is. From `join` on,
/// rank zero collects where the others are, and names who is late or does not answer. All exit with 76; mpirun ends
/// what is left. Time during which the process was suspended does not count.
public final class Watchdog: @unchecked Sendable {
  /// Where this rank is.
  package let progress = RankProgress()

  /// Seconds of patience where nothing else is asked for.
  package static let usualSeconds = 300.0
  /// How long MPI may take to begin: it takes seconds, and a host that needs more than two minutes has something else
  /// to tell. Programs are read from busy disks meanwhile, so that a short patience is given more time.
  package static func startLimit(seconds: Double) -> Double { min(4 * seconds, 120) }

  private struct State {
    /// 0: none.
    var seconds: Double
    /// Nil until `join`.
    var peers: Peers?
    /// Whether this rank ends by itself where it makes no progress.
    var isWatched: Bool { seconds > 0 && peers?.hosts.count != 1 }
  }
  private struct Peers {
    let rank: Int
    let hosts: [String]
    let rollCall: RollCall?
    let cure: String

    /// The place of this rank among the tellers; nil where it is none.
    var order: Int? { rollCall?.tellers.firstIndex(of: rank) }
  }
  private let state: Mutex<State>
  let environment: [String: String]
  private let heartbeat: Heartbeat

  /// Starts watching, at once.
  ///
  /// - Parameter seconds: the patience until `join`; 0: none.
  package init(
    seconds: Double = Watchdog.usualSeconds, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    state = Mutex(State(seconds: seconds))
    self.environment = environment
    heartbeat = Heartbeat(environment: environment)
    progress.enter(.initialising, step: 0)
    startThread("watchdog") { [weak self] in Self.watch { self } }
  }

  /// The ranks know each other: from now on they are called upon, and `seconds` count; all ranks call it, with the
  /// same.
  ///
  /// A rank without others waits for nobody: its watchdog does not end it, but tells `lockstep launch` its patience.
  /// `cure` is what the user does after the end.
  package func join(
    _ world: any Communicator, seconds: Double, cure: String = "start it again when that is mended"
  ) throws {
    let hosts = try world.allGather(world.host)
    let rollCall = world.size > 1 && seconds > 0 ? try RollCall(world, hosts: hosts) : nil
    state.withLock {
      $0.seconds = seconds
      $0.peers = Peers(rank: world.rank, hosts: hosts, rollCall: rollCall, cure: cure)
    }
    progress.enter(.starting, step: 0)
  }

  /// The ranks of `world`, each of whose collectives is noted.
  package func watched(_ world: any Communicator) -> any Communicator { WatchedCommunicator(world, progress: progress) }

  /// The patience as it is now; 0: none.
  package var seconds: Double { state.withLock { $0.seconds } }

  /// Changes the patience.
  package func wait(seconds: Double) { state.withLock { $0.seconds = seconds } }

  /// How long nothing may be noted in a phase, in seconds.
  ///
  /// Reading the data tells of nothing, and rank zero writes alone while the others wait: a slow disk is given more
  /// time. At the end the training is done, and a busy host no reason to call it hung.
  static func patience(in phase: RankProgress.Phase, seconds: Double) -> Double {
    switch phase {
    case .initialising, .joining, .agreeing: startLimit(seconds: seconds)
    case .starting, .checkpointing: 4 * seconds
    case .leaving: seconds > 0 ? max(seconds, 10) : 0
    default: seconds
    }
  }

  // MARK: - The thread

  private static func watch(_ watchdog: () -> Watchdog?) {
    var round = Round()
    while let self = watchdog() { self.look(&round) }
  }

  /// What the thread remembers from one look to the next.
  private struct Round {
    var count = -1
    var idle = 0.0
    var sinceCall = 0.0
    var heard = Heard()
    var looksWithoutPartner = 0
    /// The first of the partners that were seen: it speaks, and may have ended when others look for the last time.
    var firstPartner = Int.max
  }

  /// Waits a little and looks whether something was noted meanwhile.
  private func look(_ round: inout Round) {
    let (seconds, peers, isWatched) = state.withLock { ($0.seconds, $0.peers, $0.isWatched) }
    let tick = seconds > 0 ? min(1, seconds / 8) : 1
    let (position, now) = (progress.position, progress.count)
    let patience = Self.patience(in: position.phase, seconds: seconds)
    heartbeat.beat(count: now, patience: patience, position: position, after: tick)
    usleep(UInt32(tick * 1e6))
    (round.idle, round.count) = (now == round.count ? round.idle + tick : 0, now)
    if position.phase == .initialising { lookForPartners(&round) }
    guard isWatched else { return }
    if let peers {
      round.sinceCall += tick
      if peers.order != nil { round.heard.add(peers.rollCall?.receive() ?? [], tick: tick) }
      if round.sinceCall >= seconds / 4 {
        peers.rollCall?.send(answer(peers.rank, isOverdue: false))
        round.sinceCall = 0
      }
    }
    if (round.idle >= patience && now == progress.count) || round.heard.isOverdue {
      // Others may have waited long enough where this rank has just begun to.
      expire(&round.heard, idle: round.idle >= patience ? round.idle : seconds, seconds: seconds, peers)
    }
  }

  private func answer(_ rank: Int, isOverdue: Bool) -> RollCall.Answer {
    RollCall.Answer(rank: rank, position: progress.position, isOverdue: isOverdue)
  }

  private func expire(_ heard: inout Heard, idle: Double, seconds: Double, _ peers: Peers?) -> Never {
    let own = progress.position
    let place = peers.map { "rank \($0.rank) on \($0.hosts[$0.rank])" } ?? LaunchedPlace(environment).text
    writeStandardError(line: "\(place): no progress for \(fixed(idle, 0)) s: \(own.text)")
    if own.phase == .leaving { endLeft() }
    // Before the ranks know each other, this host alone tells of them.
    if peers == nil, let complaint = Partners(environment)?.complaintOfStopped {
      writeStandardError(line: "lockstep: \(complaint)")
    }
    for round in 0..<Testimony.rounds {
      if let peers { peers.rollCall?.send(answer(peers.rank, isOverdue: true)) }
      usleep(UInt32(Testimony.tick * 1e6))
      guard let peers, let rollCall = peers.rollCall, let order = peers.order else { continue }
      heard.add(rollCall.receive(), tick: Testimony.tick)
      var positions = heard.positions(youngerThan: seconds / 2 + 3)
      positions[peers.rank] = own
      let present = heard.positions(youngerThan: Testimony.freshness).keys
      let isDue = Testimony.isDue(
        order: order, round: round, hears: positions.count, of: peers.hosts.count,
        before: rollCall.tellers.prefix(order).contains { present.contains($0) })
      guard isDue else { continue }
      writeStandardError(line: "lockstep: \(Blame.text(positions, hosts: peers.hosts)); \(peers.cure)")
      break
    }
    _exit(ExitCode.hung.rawValue)
  }

  /// Ends where a process of this host that was to be a rank has ended without MPI: the others would wait for ever.
  private func lookForPartners(_ round: inout Round) {
    guard round.idle >= 3 else { return round.looksWithoutPartner = 0 }
    guard let partners = Partners(environment), partners.areMissing else { return round.looksWithoutPartner = 0 }
    round.looksWithoutPartner += 1
    round.firstPartner = min(round.firstPartner, partners.present.min()!)
    guard round.looksWithoutPartner >= 3, progress.position.phase == .initialising else { return }
    if partners.own == round.firstPartner {
      writeStandardError(line: "lockstep: \(partners.complaint)")
    } else {
      sleep(3)
    }
    _exit(ExitCode.unavailable.rawValue)
  }

  /// What a teller has heard of the others, and how long ago.
  private struct Heard {
    private var last: [Int: (position: RankProgress.Position, age: Double)] = [:]
    private(set) var isOverdue = false

    mutating func add(_ answers: [RollCall.Answer], tick: Double) {
      for rank in last.keys { last[rank]!.age += tick }
      for answer in answers {
        last[answer.rank] = (answer.position, 0)
        isOverdue = isOverdue || answer.isOverdue
      }
    }

    func positions(youngerThan age: Double) -> [Int: RankProgress.Position] {
      last.filter { $0.value.age < age }.mapValues(\.position)
    }
  }
}
