import Foundation

/// Whether somebody else writes into a folder: what tells that a process works on which this one waits.
package final class FolderGrowth {
  private let folder: String
  private var last: [String: Int] = [:]

  /// All files below `folder`, which need not be there.
  package init(_ folder: String) { self.folder = folder }

  /// Whether files have come, gone or changed their sizes since it was asked last.
  package var hasGrown: Bool {
    var sizes: [String: Int] = [:]
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? [] {
      var status = stat()
      if stat("\(folder)/\(name)", &status) == 0 { sizes[name] = Int(status.st_size) }
    }
    defer { last = sizes }
    return sizes != last
  }
}
