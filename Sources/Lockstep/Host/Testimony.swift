/// When a teller says who is to blame: one for all, and in rank zero's place where it does not answer.
///
/// The watchdogs of the ranks end within a second or so of each other, and mpirun takes the job down once the first
/// process has ended. So each teller has its time, and whoever hears few of the ranks waits for those that hear more: of
/// two parts of a network that is cut the larger one speaks.
enum Testimony {
  /// Seconds of a round.
  static let tick = 0.25
  /// Rounds until a rank ends that has nothing to say.
  static let rounds = 36
  /// Seconds for which a teller that was heard counts as there.
  static let freshness = 2.5
  private static let first = 8
  private static let step = 4
  private static let lonely = 26

  /// - Parameters:
  ///   - order: the teller's place among them.
  ///   - round: counted from 0.
  ///   - count: ranks that were heard, this one among them, of `size`.
  ///   - before: whether a teller that comes before this one is there.
  static func isDue(order: Int, round: Int, hears count: Int, of size: Int, before: Bool) -> Bool {
    let hearsMost = 2 * count >= size
    return hearsMost && !before && round >= first + step * order || round >= lonely + 2 * order
  }
}
