import Foundation

/// Tells when something changes in a directory or its files.
struct DirectoryChanges {
  private let directory: String
  private var newest: Date?
  /// Nil: at once.
  private var nextLook: ContinuousClock.Instant?
  /// A number that changes whenever something there does.
  private(set) var count = 0

  init(of directory: String) { self.directory = directory }

  /// Looks once a second, however often it is called.
  mutating func look(at now: ContinuousClock.Instant = .now) {
    if let nextLook, now < nextLook { return }
    nextLook = now + .seconds(1)
    let found = newestChange()
    if found != newest { (newest, count) = (found, count + 1) }
  }

  private func newestChange() -> Date? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return ([directory] + names.map { "\(directory)/\($0)" }).compactMap { path in
      (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }.max()
  }
}
