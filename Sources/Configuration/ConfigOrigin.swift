/// Where the text of a configuration comes from: what messages call it, and what relative paths in it start from.
struct ConfigOrigin {
  /// The name of the file in messages.
  let file: String
  /// What relative paths written in the file start from, without a slash at the end.
  let directory: String
  /// What relative paths of the command line start from, without a slash at the end.
  let current: String

  /// A path as a configuration at `place` names it, made absolute. Nothing is looked up, and no `..` is taken away: behind
  /// a link it would lead elsewhere.
  func absolute(_ path: String, at place: ConfigNode.Place) -> String {
    guard !path.hasPrefix("/") else { return path }
    let start = place.isOverride ? current : directory
    let relative = path.hasPrefix("./") ? String(path.dropFirst(2).drop { $0 == "/" }) : path
    return (start.hasSuffix("/") ? start : start + "/") + relative
  }
}
