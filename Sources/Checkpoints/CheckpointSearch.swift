import Diagnostics
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

extension Checkpoint {
  /// What a search in a run directory came to.
  package struct Search: Sendable {
    /// The newest whole checkpoint; nil where there is none.
    package let checkpoint: Checkpoint?
    /// Newer ones that are damaged, or that this user may not read.
    package let passedOver: [PassedOver]
  }

  /// A checkpoint that an older one was taken for.
  package struct PassedOver: Sendable {
    package let path: String
    /// One line that says why.
    package let reason: String
    /// What to tell the user: `passed over a damaged checkpoint, runs/a/step-00002350: …`.
    package let note: String

    init(_ path: String, damage: Failure) {
      (self.path, reason) = (path, damage.description)
      note = "passed over a damaged checkpoint, \(path): \(reason)"
    }

    init(_ path: String, denial: Failure) {
      (self.path, reason) = (path, denial.description)
      note = "passed over a checkpoint that this user may not read, \(path): \(reason)"
    }
  }

  /// Finds the newest whole checkpoint of a run directory, reading every file of the candidates.
  ///
  /// A directory that does not exist holds none, which is no error: a run that is to resume may be the first. Where none
  /// is whole, one that this user may not read is thrown: to begin anew would throw its steps away.
  package static func newest(in directory: String) throws -> Search {
    var passedOver: [PassedOver] = []
    var denied: Failure?
    for candidate in try candidates(in: directory) {
      do {
        let checkpoint = try Checkpoint(verifying: candidate.path, ofStep: candidate.step)
        return Search(checkpoint: checkpoint, passedOver: passedOver)
      } catch let failure as Failure {
        guard let denial = denial(at: candidate.path) else {
          passedOver.append(PassedOver(candidate.path, damage: failure))
          continue
        }
        passedOver.append(PassedOver(candidate.path, denial: denial))
        denied = denied ?? denial
      }
    }
    if let denied { throw denied }
    return Search(checkpoint: nil, passedOver: passedOver)
  }

  /// What the system keeps this user out of: a checkpoint, or a file in it; nil where all of it may be read.
  static func denial(at path: String) -> Failure? {
    func denial(_ path: String, _ code: Int32) -> Failure? {
      guard code == EACCES || code == EPERM else { return nil }
      return Failure.system(
        "open", path, errno: code, reading: true,
        cure: "allow this user to read it (chmod u+rwX, or chown), or name another checkpoint")
    }
    guard let directory = opendir(path) else { return denial(path, errno) }
    closedir(directory)
    for name in (try? directoryNames(path)) ?? [] {
      let file = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      if file >= 0 { close(file) } else if let denial = denial("\(path)/\(name)", errno) { return denial }
    }
    return nil
  }

  /// Verifies a checkpoint whose name says of which step it is.
  init(verifying path: String, ofStep step: Int) throws {
    try self.init(verifying: path)
    guard record.step == step else {
      throw Failure(
        .badData, at: "\(path)/\(RunRecord.fileName)", "expected step \(step), found \(record.step)")
    }
  }

  /// The step of the newest checkpoint of a run directory, whole or not, by its name alone; nil where there is none.
  package static func newestStep(in directory: String) throws -> Int? {
    try candidates(in: directory).first?.step
  }

  /// Loads the checkpoint at `path`, or where `path` is a run directory the newest whole one, or that of the best epoch, where the
  /// newest one tells of such.
  ///
  /// A checkpoint that was named itself is never passed over: what keeps it from being read is thrown.
  package static func load(_ path: String) throws -> (checkpoint: Checkpoint, passedOver: [PassedOver]) {
    let cure = "name a run directory or a checkpoint in it (…/\(CheckpointName.visible(1200)))"
    guard exists(path) else { throw Failure(.missingInput, at: path, "no such checkpoint", cure: cure) }
    guard isDirectory(path) else { throw Failure(.missingInput, at: path, "expected a directory", cure: cure) }
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    if exists("\(path)/\(RunRecord.fileName)") || CheckpointName.step(of: name) != nil {
      if let denial = denial(at: path) { throw denial }
      return (try Checkpoint(verifying: path), [])
    }
    let search = try newest(in: path)
    if let checkpoint = search.checkpoint { return try best(of: checkpoint, in: path, search.passedOver) }
    guard let first = search.passedOver.first else {
      throw Failure(.missingInput, at: path, "holds no checkpoint", cure: cure)
    }
    let count = search.passedOver.count
    let which = count == 1 ? "the only checkpoint is damaged" : "all \(count) checkpoints are damaged, the newest one"
    throw Failure(.badData, at: path, "\(which): \(first.reason)")
  }

  /// The checkpoint of the best epoch that the newest one tells of, or where it is damaged, the newest one.
  private static func best(
    of newest: Checkpoint, in directory: String, _ passedOver: [PassedOver]
  ) throws -> (checkpoint: Checkpoint, passedOver: [PassedOver]) {
    guard let best = newest.record.best, best.step != newest.record.step else { return (newest, passedOver) }
    let path = CheckpointStore.path(ofStep: best.step, in: directory)
    do {
      return (try Checkpoint(verifying: path, ofStep: best.step), passedOver)
    } catch let failure as Failure {
      let damage = denial(at: path).map { PassedOver(path, denial: $0) } ?? PassedOver(path, damage: failure)
      return (newest, passedOver + [damage])
    }
  }

  /// The checkpoints of a run directory, whole or not, the newest first.
  static func candidates(in directory: String) throws -> [(path: String, step: Int)] {
    guard exists(directory) else { return [] }
    try requireDirectory(directory)
    return try directoryNames(directory)
      .compactMap { name in CheckpointName.step(of: name).map { (name: name, step: $0.step, isReplaced: $0.isReplaced) }
      }
      // Of the same step, the one that replaced the other comes first.
      .sorted { ($0.step, $0.isReplaced ? 0 : 1) > ($1.step, $1.isReplaced ? 0 : 1) }
      .map { ("\(directory)/\($0.name)", $0.step) }
  }
}
