import Diagnostics
import Files
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Writes the checkpoints of one run directory so that a crash at any instant leaves a whole one behind.
///
/// ```swift
/// let store = try CheckpointStore(directory: "runs/a", keeping: 3)
/// try store.save(["model.safetensors": .tensors(layout.tensors(in: parameters))], record: record)
/// ```
///
/// A checkpoint is written under a hidden name, every file is synced, then the directory, which is renamed, and its
/// parent synced. Only then are older checkpoints deleted. For one process at a time; its threads must take turns. Where the
/// directory is removed meanwhile, nothing is changed in another one that has its path.
package final class CheckpointStore: Sendable {
  /// What a file of a checkpoint holds.
  package enum Content: Sendable {
    /// A safetensors file.
    case tensors([NamedTensor], metadata: [String: String] = [:])
    case bytes([UInt8])
  }

  /// What became of a save that succeeded.
  package struct Saved: Sendable {
    /// The checkpoint's directory.
    package let path: String
    /// Of all files together.
    package let bytes: Int
    /// Older checkpoints that could not be deleted, or set aside; the new one is safe all the same.
    package let undeleted: [Failure]
    /// Older checkpoints that were found damaged.
    package let setAside: [SetAside]
  }

  /// A damaged checkpoint that has another name now, under which it is none.
  package struct SetAside: Sendable {
    /// Where it was.
    package let path: String
    /// Where it lies.
    package let place: String
    /// One line that says why.
    package let reason: String
  }

  /// The run directory.
  package let directory: String
  let keeping: Int
  let files: FileSystem
  let process = getpid()
  private let lock: DirectoryLock
  /// The paths of checkpoints that this store has saved, or verified.
  let whole = Mutex<Set<String>>([])
  private let untidy = Mutex<[Failure]>([])

  /// Where the checkpoint of a step lies in a run directory.
  package static func path(ofStep step: Int, in directory: String) -> String {
    "\(directory)/\(CheckpointName.visible(step))"
  }

  /// What crashed processes left and could not be removed, or given its name back; it is in nobody's way.
  package var untidied: [Failure] { untidy.withLock { $0 } }

  /// Opens a run directory for writing: creates it where it is missing, and tidies up after crashed processes.
  ///
  /// - Parameter keeping: how many whole checkpoints remain after a save, at least one.
  package convenience init(directory: String, keeping: Int) throws {
    try self.init(directory: directory, keeping: keeping, files: .real)
  }

  package init(directory: String, keeping: Int, files: FileSystem) throws {
    precondition(keeping > 0, "at least one checkpoint must be kept, found \(keeping)")
    self.directory = directory
    self.keeping = keeping
    self.files = files
    try files.makeDirectories(directory)
    lock = try DirectoryLock(directory)
    let failures = try tidy()
    untidy.withLock { $0 = failures }
  }

  /// Saves a checkpoint of `record.step`, replacing one of the same step, and deletes those older than the last few, but
  /// for that of step 0 and that of the best epoch.
  ///
  /// - Parameter contents: by plain file name; `run.json` is written last, with their lengths and checksums.
  /// - Throws: missing input (66) where the run directory is another one by now, or gone; otherwise what went wrong.
  @discardableResult
  package func save(_ contents: [String: Content], record: RunRecord) throws -> Saved {
    precondition(record.step >= 0, "a step must not be negative, found \(record.step)")
    try requireSameDirectory()
    let partial = try makeRoom(at: "\(directory)/\(CheckpointName.partial(record.step, process: process))")
    var record = record
    do {
      try files.makeDirectory(partial)
      record.files = [:]
      for (name, content) in contents.sorted(by: { $0.key < $1.key }) {
        precondition(Checkpoint.isPlain(name), "a checkpoint cannot hold a file named \(name)")
        record.files[name] = try write(content, to: "\(partial)/\(name)")
      }
      let run = try write(.bytes(record.encoded()), to: "\(partial)/\(RunRecord.fileName)")
      try files.syncDirectory(partial)
      try requireSameDirectory()
      let path = try publish(partial, step: record.step)
      let (undeleted, setAside) = prune(newest: record.step, best: record.best?.step)
      try requireSameDirectory()
      return Saved(
        path: path, bytes: record.files.values.reduce(run.bytes) { $0 + $1.bytes }, undeleted: undeleted,
        setAside: setAside)
    } catch {
      // Where the directory is another one, that is why, and nothing there is this store's to remove.
      try requireSameDirectory()
      // The error that began it is the one to tell; what cannot be removed now is removed at the next start.
      if exists(partial) { try? files.removeTree(partial) }
      throw error
    }
  }

  /// Throws missing input (66) where the path of the run directory leads to another one by now, or to none.
  package func requireSameDirectory() throws { try lock.requireSame() }

  private func write(_ content: Content, to path: String) throws -> FileRecord {
    switch content {
    case .tensors(let tensors, let metadata):
      return try SafeTensors.write(tensors, metadata: metadata, to: path, files: files)
    case .bytes(let bytes):
      let output = try HashedFile(path, files: files)
      try output.append(bytes)
      return try output.finish()
    }
  }

  /// Gives a finished directory its name. A checkpoint of the same step is set aside under a name that still counts.
  private func publish(_ partial: String, step: Int) throws -> String {
    let path = Self.path(ofStep: step, in: directory)
    let replaced = path + CheckpointName.replacedSuffix
    if exists(path) {
      // Where a former replacement could not be deleted, the one about to be set aside is the better of the two.
      try makeWay(for: replaced)
      try rename(path, to: replaced)
    }
    do {
      try files.move(partial, to: path)
    } catch {
      if exists(replaced), !exists(path) { try? rename(replaced, to: path) }
      throw error
    }
    try files.syncDirectory(directory)
    whole.withLock { _ = $0.insert(path) }
    return path
  }
}
