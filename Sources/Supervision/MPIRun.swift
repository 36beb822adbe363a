import Diagnostics
import Foundation
import Host

/// Who starts the ranks of a program, and how it wants to be told.
package enum MPILauncher: Sendable, CaseIterable {
  /// Open MPI's mpirun.
  case openMPI
  /// MPICH's mpiexec, the process manager Hydra.
  case hydra

  /// That of the MPI library which this program was built for.
  package static var ofThisBuild: MPILauncher {
    #if LOCKSTEP_MPICH
      .hydra
    #else
      .openMPI
    #endif
  }

  /// Its names, the surest first: Debian's have a suffix where several libraries are installed.
  var programs: [String] {
    switch self {
    case .openMPI: ["mpirun"]
    case .hydra: ["mpiexec.hydra", "mpiexec.mpich", "mpiexec"]
    }
  }

  /// The package that it comes from.
  package var package: String {
    switch self {
    case .openMPI: "Open MPI (apt-get install openmpi-bin)"
    case .hydra: "MPICH (apt-get install mpich)"
    }
  }

  /// The path of the program in the folders of `PATH`; nil where it is in none.
  package func find(in environment: [String: String]) -> String? {
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    return programs.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// What an end with this code is that nothing else explains. Hydra tells of signals by its code alone, and of hosts on
  /// standard output.
  func end(_ code: Int32) -> String {
    switch self {
    case .hydra where (1..<32).contains(code):
      "a rank was ended by signal \(code) (\(String(cString: strsignal(code))))"
    default: "mpirun ended with code \(code)" + (code == 0 ? ", but the training is not done" : "")
    }
  }

  /// The text of a file of these hosts, as it reads them.
  func hostfile(_ hostfile: Hostfile) -> String {
    switch self {
    case .openMPI: hostfile.text
    case .hydra: hostfile.hosts.map { "\($0.name):\($0.slots)\n" }.joined()
    }
  }
}

/// The command line by which an MPI library's launcher starts ranks of a program.
package struct MPIRun: Sendable {
  package let launcher: MPILauncher
  /// The launcher itself: a name that is looked up in PATH, or a path.
  package var program: String
  /// More than any launcher was ever made for, and few enough for it to say so before memory is gone.
  package static let mostRanks = 1 << 16
  package var ranks: Int
  /// In the launcher's own form; nil: this host alone.
  package var hostfile: String?
  /// Whether hosts may take more ranks than they have cores or slots; ranks then give up a core while they wait. Hydra
  /// lets them without being told.
  package var oversubscribes = true
  /// Open MPI's own settings, by name (`--mca`); other libraries have none of these.
  package var settings: [String: String] = [:]
  /// Variables of the environment of all ranks, on other hosts too.
  package var exports: [String: String] = [:]

  package init(
    ranks: Int, hostfile: String? = nil, launcher: MPILauncher = .ofThisBuild,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    (self.ranks, self.hostfile, self.launcher) = (ranks, hostfile, launcher)
    program = launcher.find(in: environment) ?? launcher.programs[0]
  }

  /// All words, with those of the program that the ranks run behind.
  package func words(_ command: [String]) -> [String] {
    let exports = exports.sorted { $0.key < $1.key }
    var words = [program]
    switch launcher {
    case .openMPI:
      words += ["-np", "\(ranks)"]
      // The superuser is one in containers, which mpirun wants to be told.
      if getuid() == 0 { words.append("--allow-run-as-root") }
      if oversubscribes { words.append("--oversubscribe") }
      if let hostfile { words += ["--hostfile", hostfile] }
      for (name, value) in settings.sorted(by: { $0.key < $1.key }) { words += ["--mca", name, value] }
      for (name, value) in exports { words += ["-x", "\(name)=\(value)"] }
    case .hydra:
      words += ["-n", "\(ranks)"]
      if let hostfile { words += ["-f", hostfile] }
      for (name, value) in exports { words += ["-genv", name, value] }
    }
    return words + command
  }
}

/// The path of the running program, for starting it again.
///
/// - Throws: unavailable (69) where the system does not tell.
package func ownProgram() throws -> String {
  guard let path = LoadedFiles.program else {
    throw Failure(
      .unavailable, at: "/proc/self/exe", "expected the path of this program, found none", cure: "mount /proc")
  }
  return path
}
