import Synchronization

/// Signs of life of work that takes long and knows of no rank: reading and preparing data.
///
/// Whoever watches a rank sees them in `RankProgress.count`. Ranks that are threads of one process give each other's.
package enum SignsOfLife {
  private static let beats = Atomic<Int>(0)

  /// Notes that the work has come on; costs one addition.
  package static func note() { beats.add(1, ordering: .relaxed) }

  static var count: Int { beats.load(ordering: .relaxed) }
}
