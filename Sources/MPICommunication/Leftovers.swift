import Diagnostics
import Foundation
import Host

/// Removes what killed jobs of this user have left on this host: Open MPI's segments of shared memory, and its session
/// directories.
///
/// A job that ends in any other way tidies up by itself. Of one whose mpirun was killed by SIGKILL, 4 MiB stay in memory
/// for each rank, and 8 MiB on the disk. Nothing is deleted unless it is certain that nobody needs it; whatever is doubtful stays,
/// and no error is told. To be called before MPI begins.
func removeLeftovers(environment: [String: String]) {
  // One process a host, which is enough, and leaves the others no half of what it deletes.
  guard isFirstOfHost(environment) else { return }
  Leftovers(environment: environment).remove()
}

/// Where Open MPI leaves its files on this host.
package struct Leftovers {
  /// Where segments of shared memory are, `vader_segment.HOST.USER.JOB.RANK` and `osc_sm.HOST.JOB.RANK.NUMBER`.
  let memory: String
  /// Where session directories are, `pid.PROCESS` and `jf.FAMILY`; that of the running job is one.
  let sessions: String
  /// Seconds since the last change: younger ones may be just about to be used.
  let age: Double

  package init(memory: String = "/dev/shm", sessions: String, olderThan age: Double = 60) {
    (self.memory, self.sessions, self.age) = (memory, sessions, age)
  }

  package init(environment: [String: String]) {
    let base = ["TMPDIR", "TEMP", "TMP"].lazy.compactMap { environment[$0] }.first ?? "/tmp"
    let usual = "\(base)/ompi.\(ownHostName().prefix { $0 != "." }).\(geteuid())"
    // mpirun tells; a program that starts without it has to know.
    self.init(sessions: environment["OMPI_MCA_orte_top_session_dir"] ?? usual)
  }

  package func remove() {
    if let folder = OpenFolder(memory) { removeSegments(in: folder) }
    if let folder = OpenFolder(sessions), folder.isOwn { removeSessions(in: folder) }
  }

  private func removeSegments(in folder: OpenFolder) {
    lazy var showsMappings = folder.showsMappings()
    for name in folder.names() where Self.isSegment(name, of: geteuid()) {
      guard let file = LeasedFile(name, in: folder, olderThan: age), showsMappings else { continue }
      file.remove()
    }
  }

  private func removeSessions(in folder: OpenFolder) {
    for name in folder.names() { Session(name, in: folder, olderThan: age)?.remove() }
  }

  /// Whether it is the name of a segment of Open MPI 4, this user's where the name says whose it is.
  static func isSegment(_ name: String, of user: uid_t) -> Bool {
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    // The host's name may have dots of its own.
    guard words.count >= 5, !words.contains("") else { return false }
    let last = Array(words.suffix(3))
    func isNumber(_ word: Substring) -> Bool { word.allSatisfy { ("0"..."9").contains($0) } }
    func isJob(_ word: Substring) -> Bool { word.allSatisfy { ("0"..."9").contains($0) || ("a"..."f").contains($0) } }
    switch words[0] {
    case "vader_segment": return last[0] == "\(user)" && isJob(last[1]) && isNumber(last[2])
    case "osc_sm": return isJob(last[0]) && isNumber(last[1]) && isNumber(last[2])
    default: return false
    }
  }
}

/// The session directory of a job that is dead, with all that is in it, while nobody can begin to write there.
private struct Session {
  private let files: [LeasedFile]
  /// Named pipes and sockets, which have no bytes.
  private let pipes: [(name: String, parent: OpenFolder)]
  /// Those within a directory come before it.
  private let folders: [(name: String, parent: OpenFolder)]

  /// Nil where the job may be alive, or something is not as Open MPI makes it.
  ///
  /// mpirun, and its daemon on another host, keep `hwloc.sm` open for writing as long as they live, wherever they live.
  init?(_ name: String, in parent: OpenFolder, olderThan age: Double) {
    guard let folder = OpenFolder(name, in: parent), folder.isOwn, folder.age > age else { return nil }
    let names = folder.names()
    guard names.contains("hwloc.sm"), let kind = name.wholeMatch(of: #/(pid|jf)\.([0-9]{1,9})/#) else { return nil }
    let stores = names.compactMap { $0.wholeMatch(of: #/pmix_dstor_[a-z0-9]+_([0-9]{1,9})/#)?.1 }
    let owners = (kind.1 == "pid" ? [kind.2] : []) + stores
    guard !owners.isEmpty, owners.allSatisfy({ pid_t($0).map(isDead) ?? false }) else { return nil }

    var found = Contents()
    guard found.add(folder, olderThan: age, depth: 0) else { return nil }
    (files, pipes, folders) = (found.files, found.pipes, found.folders + [(name, parent)])
  }

  func remove() {
    // The one that proves that the job is dead comes last: what stays of a half removed one can be removed later.
    for file in files where file.name != "hwloc.sm" { file.remove() }
    for (name, parent) in pipes { unlinkat(parent.descriptor, name, 0) }
    for file in files where file.name == "hwloc.sm" { file.remove() }
    for (name, parent) in folders { unlinkat(parent.descriptor, name, AT_REMOVEDIR) }
  }

  private struct Contents {
    var files: [LeasedFile] = []
    var folders: [(name: String, parent: OpenFolder)] = []
    var pipes: [(name: String, parent: OpenFolder)] = []

    /// False where something in the directory is no leftover.
    mutating func add(_ folder: OpenFolder, olderThan age: Double, depth: Int) -> Bool {
      for name in folder.names() {
        guard let status = folder.status(of: name), status.st_uid == geteuid(), depth < 8, files.count < 256 else {
          return false
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
          guard let file = LeasedFile(name, in: folder, olderThan: age) else { return false }
          files.append(file)
        case S_IFDIR:
          guard let inner = OpenFolder(name, in: folder), inner.isOwn, add(inner, olderThan: age, depth: depth + 1)
          else { return false }
          folders.append((name, folder))
        case S_IFIFO, S_IFSOCK: pipes.append((name, folder))
        default: return false
        }
      }
      return true
    }
  }
}

private func isDead(_ process: pid_t) -> Bool { process > 0 && kill(process, 0) != 0 && errno == ESRCH }
