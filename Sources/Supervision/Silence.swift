import Foundation

/// Tells when nothing has changed in a directory for a while.
struct Silence {
  private let directory: String
  /// Seconds.
  private let limit: Double
  private var newest: Date?
  private var since: Date
  private var nextLook: Date
  /// A number that changes whenever something there does.
  private(set) var changes = 0

  /// From now on.
  init(of directory: String, limit: Double, at now: Date = Date()) {
    (self.directory, self.limit, since, nextLook) = (directory, limit, now, now)
  }

  /// Whether the directory and its files have been as they are for the limit's time; true once, and again after as long.
  /// Looks once a second, however often it is asked.
  mutating func isOver(at now: Date = Date()) -> Bool {
    guard now >= nextLook else { return false }
    nextLook = now + 1
    let found = newestChange()
    if found != newest { (newest, since, changes) = (found, now, changes + 1) }
    guard now.timeIntervalSince(since) >= limit else { return false }
    since = now
    return true
  }

  private func newestChange() -> Date? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return ([directory] + names.map { "\(directory)/\($0)" }).compactMap { path in
      (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }.max()
  }
}
