import Diagnostics
import Files

/// What processes leave when they end before they have tidied up, and how checkpoints and leftovers go.
extension CheckpointStore {
  /// Removes leftovers of crashed processes, and undoes replacements that were cut short.
  ///
  /// Returns what it could not do: something that belongs to another user, say, is no reason not to go on.
  func tidy() throws -> [Failure] {
    var failures: [Failure] = []
    for name in try directoryNames(directory) {
      do { try tidy(name) } catch let failure as Failure { failures.append(failure) }
    }
    return failures
  }

  private func tidy(_ name: String) throws {
    let path = "\(directory)/\(name)"
    if CheckpointName.isLeftover(name) { return try files.removeTree(path) }
    guard let (step, isReplaced) = CheckpointName.step(of: name), isReplaced else { return }
    let original = Self.path(ofStep: step, in: directory)
    if !exists(original) {
      try rename(path, to: original)
    } else if (try? Checkpoint(verifying: original, ofStep: step)) != nil {
      // Where the original is damaged, the one that it replaced may be the only whole one.
      try delete(path)
    }
  }

  /// Deletes a checkpoint, hidden first: half of one must never be taken for a whole one.
  func delete(_ path: String) throws {
    let name = String(path.dropFirst(directory.count + 1))
    let hidden = try makeRoom(at: "\(directory)/\(CheckpointName.deleted(name, process: process))")
    try rename(path, to: hidden)
    try files.removeTree(hidden)
  }

  /// Deletes a former replacement: the one about to be set aside is the better of the two.
  func makeWay(for replaced: String) throws {
    guard exists(replaced) else { return }
    do {
      try delete(replaced)
    } catch let failure as Failure where exists(replaced) {
      throw failure
    } catch is Failure {
      // What is left of it is hidden.
    }
  }

  /// Gives a checkpoint another name, of which nothing is known then, and waits until that is on the disk.
  func rename(_ path: String, to other: String) throws {
    try requireSameDirectory()
    try files.move(path, to: other)
    whole.withLock { $0.subtract([path, other]) }
    try files.syncDirectory(directory)
  }

  /// A hidden path for something new: `path`, once what a process of this number left there is gone, or where that stays,
  /// the first of `path-1`, `path-2`, … that is free.
  func makeRoom(at path: String) throws -> String {
    var (result, count) = (path, 0)
    while exists(result) {
      do {
        try files.removeTree(result)
      } catch is Failure {
        count += 1
        result = "\(path)-\(count)"
      }
    }
    return result
  }
}
