import Foundation

/// Tells when something changes in a directory or its files.
struct DirectoryChanges {
  private let directory: String
  private var seen: Int
  /// Nil: at once.
  private var nextLook: ContinuousClock.Instant?
  /// A number that changes whenever something there does.
  private(set) var count = 0

  init(of directory: String) {
    (self.directory, seen) = (directory, 0)
    seen = times
  }

  /// Looks once a second, however often it is called.
  mutating func look(at now: ContinuousClock.Instant = .now) {
    if let nextLook, now < nextLook { return }
    nextLook = now + .seconds(1)
    let found = times
    if found != seen { (seen, count) = (found, count + 1) }
  }

  /// All times of change together: the newest alone would hide others where it lies in the future.
  private var times: Int {
    var hasher = Hasher()
    for name in [""] + ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted() {
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
      hasher.combine(name)
      hasher.combine(attributes?[.modificationDate] as? Date)
    }
    return hasher.finalize()
  }
}
