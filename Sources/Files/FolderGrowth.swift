import Foundation

/// Whether somebody else works in a folder: what tells that a process comes on which this one waits for.
package final class FolderGrowth {
  private let folder: String
  private var last: [String: Int] = [:]

  /// All files below `folder`, which need not be there.
  package init(_ folder: String) { self.folder = folder }

  /// Whether files have come, gone or changed their sizes, or the folder was touched, since it was asked last.
  package var hasGrown: Bool {
    var found: [String: Int] = [:]
    var status = stat()
    if stat(folder, &status) == 0 {
      found[""] = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? [] {
      if stat("\(folder)/\(name)", &status) == 0 { found[name] = Int(status.st_size) }
    }
    defer { last = found }
    return found != last
  }

  /// Seconds since a file in the folder, or the folder itself, was written last.
  package static func age(_ folder: String) -> Double {
    var newest = 0
    for name in [""] + ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []) {
      var status = stat()
      if lstat("\(folder)/\(name)", &status) == 0 { newest = max(newest, status.st_mtim.tv_sec) }
    }
    return Date().timeIntervalSince1970 - Double(newest)
  }

  /// Lets whoever looks see that this process comes on, where nothing grows.
  package static func touch(_ folder: String) { utimes(folder, nil) }
}
