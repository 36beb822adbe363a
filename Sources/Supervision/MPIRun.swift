import Diagnostics
import Foundation

/// The command line by which Open MPI's mpirun starts ranks of a program.
public struct MPIRun: Sendable {
  /// mpirun itself: a name that is looked up in PATH, or a path.
  public var program = "mpirun"
  /// More than mpirun was ever made for, and few enough for it to say so before memory is gone.
  public static let mostRanks = 1 << 16
  public var ranks: Int
  /// Nil: this host alone.
  public var hostfile: String?
  /// Whether hosts may take more ranks than they have cores or slots; ranks then give up a core while they wait.
  public var oversubscribes = true
  /// Open MPI's own settings, by name (`--mca`).
  public var settings: [String: String] = [:]
  /// Variables of the environment of all ranks, on other hosts too.
  public var exports: [String: String] = [:]

  public init(ranks: Int, hostfile: String? = nil) {
    (self.ranks, self.hostfile) = (ranks, hostfile)
  }

  /// All words, with those of the program that the ranks run behind. The superuser is one in containers, which mpirun
  /// wants to be told.
  public func words(_ command: [String]) -> [String] {
    var words = [program, "-np", "\(ranks)"]
    if getuid() == 0 { words.append("--allow-run-as-root") }
    if oversubscribes { words.append("--oversubscribe") }
    if let hostfile { words += ["--hostfile", hostfile] }
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) { words += ["--mca", name, value] }
    for (name, value) in exports.sorted(by: { $0.key < $1.key }) { words += ["-x", "\(name)=\(value)"] }
    return words + command
  }
}

/// The path of the running program, for starting it again.
///
/// - Throws: unavailable (69) where the system does not tell.
public func ownProgram() throws -> String {
  let link = "/proc/self/exe"
  do {
    return try FileManager.default.destinationOfSymbolicLink(atPath: link)
  } catch {
    throw Failure(.unavailable, at: link, "expected the path of this program, found none", cure: "mount /proc")
  }
}
