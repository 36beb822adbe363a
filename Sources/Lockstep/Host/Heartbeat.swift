import Diagnostics
import Foundation
import Host

/// Tells `lockstep launch` now and then where this rank is, by a `Pulse`.
struct Heartbeat {
  private static let interval = 5.0

  private let place: LaunchedPlace
  private let isWanted: Bool
  private let waited = Waited()

  init(environment: [String: String]) {
    place = LaunchedPlace(environment)
    isWanted = environment[Pulse.variable] != nil && place.rank != nil
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
    let pulse = Pulse(
      rank: rank, host: place.host, count: count, patience: Int(patience.rounded(.up)), place: position.text)
    writeStandardError(line: pulse.line)
  }

  /// Of the watchdog's thread alone.
  private final class Waited: @unchecked Sendable {
    var seconds = 0.0
    var isNew = true
  }
}
