import Diagnostics
import Foundation
import Host
import Kernels
import Lockstep
import Supervision

/// Starts ranks: `mpirun` where there are several, or hosts to start them on, and the program itself for one.
package struct Launcher: Sendable {
  /// The program, as an absolute path.
  let program: String
  let hostfile: String?
  /// Whether more ranks than cores are wanted where mpirun could not tell by itself: with a hostfile.
  let oversubscribe: Bool
  private let mpirun: String?

  /// Looks for `mpirun` in PATH, where `ranks` ask for it; without it, throws unavailable (69).
  package init(ranks: [Int], hostfile: String?, oversubscribe: Bool, environment: [String: String]) throws {
    program = try ownProgram()
    self.hostfile = hostfile
    self.oversubscribe = oversubscribe
    let launchers = [LauncherVariables.openMPISize, LauncherVariables.pmiRank, LauncherVariables.pmixRank]
    if let name = launchers.first(where: { environment[$0] != nil }) {
      throw Failure(
        .usage, "a benchmark starts mpirun itself, and was started by one (\(name) is set)",
        cure: "start lockstep bench alone, with --ranks 1,2,4")
    }
    if let hostfile, !FileManager.default.isReadableFile(atPath: hostfile) {
      throw Failure(.missingInput, at: hostfile, "expected a hostfile, found none", cure: "check --hostfile")
    }
    guard hostfile != nil || ranks.contains(where: { $0 > 1 }) else {
      mpirun = nil
      return
    }
    guard let found = MPILauncher.ofThisBuild.find(in: environment) else {
      throw Failure(
        .unavailable, "mpirun is not in PATH, and several ranks were asked for",
        cure: "install \(MPILauncher.ofThisBuild.package), or measure --ranks 1")
    }
    mpirun = found
  }

  /// The words of the command that starts `arguments` of the program on so many ranks.
  ///
  /// Fewer cores than ranks are no mistake, which mpirun wants to be told.
  func command(_ arguments: [String], ranks: Int) -> [String] {
    guard let mpirun, ranks > 1 || hostfile != nil else { return [program] + arguments }
    let cores = ProcessorCores.allowed(to: 0)?.count ?? ProcessInfo.processInfo.activeProcessorCount
    var launcher = MPIRun(ranks: ranks, hostfile: hostfile)
    launcher.program = mpirun
    launcher.oversubscribes = oversubscribe || hostfile == nil && cores < ranks
    return launcher.words([program] + arguments)
  }

  /// Runs `arguments` on so many ranks to their end; returns what they printed. What they complain about goes to standard
  /// error as it comes.
  ///
  /// - Parameter what: what is measured, for the message of the `Failure` with the ranks' exit code.
  func run(_ arguments: [String], ranks: Int, what: String) throws -> String {
    let words = command(arguments, ranks: ranks)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    do {
      try process.run()
    } catch {
      throw Failure(.unavailable, at: words[0], "cannot be started: \(error.localizedDescription)")
    }
    let output = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    let code = process.terminationStatus
    guard process.terminationReason == .exit, code == 0 else {
      let isSignal = process.terminationReason != .exit
      throw Failure(
        isSignal ? .internal : ExitCode(rawValue: code) ?? .internal, at: what,
        isSignal ? "the ranks were ended by signal \(code)" : "the ranks ended with exit code \(code)",
        cure: "see their message above")
    }
    return String(decoding: output, as: UTF8.self)
  }
}
