import Diagnostics
import Foundation

/// Tells `lockstep launch` now and then where this rank is, by a line on standard error that launch reads and nobody sees.
///
/// `lockstep-pulse 3 node2 1170 300 step 13, reducing bucket 2, …`: the rank, its host, a number that changes whenever the
/// rank comes on, for how many seconds it may stay the same (0: for ever), and where the rank is. Launch reads it in
/// `Pulses`.
struct Pulse {
  /// The variable by which launch asks for it, and by which it is passed on to all ranks.
  static let variable = "LOCKSTEP_PULSE"
  private static let interval = 5.0

  private let place: LaunchedPlace
  private let isWanted: Bool
  private let waited = Waited()

  init(environment: [String: String]) {
    place = LaunchedPlace(environment)
    isWanted = environment[Self.variable] != nil && place.rank != nil
  }

  /// Tells once an interval; `seconds` pass until the next call.
  func beat(count: Int, patience: Double, position: RankProgress.Position, after seconds: Double) {
    guard isWanted, let rank = place.rank else { return }
    defer { waited.seconds += seconds }
    guard waited.seconds >= Self.interval || waited.isNew else { return }
    (waited.seconds, waited.isNew) = (0, false)
    // A pipe that nobody empties must not stop the one who watches.
    var room = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&room, 1, 0) > 0, room.revents & Int16(POLLOUT) != 0 else { return }
    writeStandardError(
      line: "lockstep-pulse \(rank) \(place.host) \(count) \(Int(patience.rounded(.up))) \(position.text)")
  }

  /// Of the watchdog's thread alone.
  private final class Waited: @unchecked Sendable {
    var seconds = 0.0
    var isNew = true
  }
}
