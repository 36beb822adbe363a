import Configuration
import Diagnostics
import Foundation

extension ListedFolders {
  /// What is wrong with folders of which one lies in another, or is the same: their files would be trained on and tested on. Nil where
  /// each has its own.
  package static func conflict(_ folders: [(key: String, path: String)], _ settings: ConfigReader) -> Failure? {
    let known = folders.map { key, path in
      (key, URL(fileURLWithPath: path, isDirectory: true).resolvingSymlinksInPath().path + "/")
    }
    for (place, (key, path)) in known.enumerated() {
      guard let other = known[..<place].first(where: { path.hasPrefix($0.1) || $0.1.hasPrefix(path) }) else { continue }
      let relation = path == other.1 ? "that" : path.hasPrefix(other.1) ? "one in that" : "one around that"
      return settings.failure(
        at: key, "expected a folder of its own, found \(relation) of \(other.0)",
        cure: "name another; without validation and test a split divides the files of one folder")
    }
    return nil
  }
}
