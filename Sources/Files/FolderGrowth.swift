import Foundation

/// Whether somebody else writes into folders: what tells that a process works on which this one waits.
package struct FolderGrowth {
  private let folders: [String]
  private var last: [String: Int] = [:]

  package init(_ folders: [String]) { self.folders = folders }

  /// Whether files have come, gone or changed their sizes since it was asked last.
  package var hasGrown: Bool {
    mutating get {
      var sizes: [String: Int] = [:]
      for folder in folders {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
          var status = stat()
          if stat("\(folder)/\(name)", &status) == 0 { sizes["\(folder)/\(name)"] = Int(status.st_size) }
        }
      }
      defer { last = sizes }
      return sizes != last
    }
  }
}
