import ArgumentParser
import CAllocations
import CStart
import Foundation
import Lockstep
import Reports

/// The command line: `lockstep init`, `prepare`, `train`, `launch`, `evaluate`, `compare`, `decide`, `quantise`, `shrink`, `predict`, `report`, `look`, `generate`, `export`, `inspect`, `kinds`, `schema`, `bench`.
@main
struct LockstepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lockstep",
    abstract: "Trains neural networks in lockstep: the same weights, bit for bit, on any number of ranks.",
    discussion: """
      Start training under mpirun, one process a rank:
        mpirun -np 2 lockstep train fashion-mnist

      Exit codes: 0 done, 64 usage, 65 bad data, 66 missing input,
      69 unavailable, 70 internal, 71 restarts used up, 74 input or output,
      75 stopped on request with a checkpoint, 76 no progress, 78 bad configuration.
      """,
    version: lockstepVersion,
    subcommands: [
      InitCommand.self, PrepareCommand.self, Train.self, Launch.self, DoctorCommand.self, Evaluate.self, Compare.self,
      Decide.self, Quantise.self, Shrink.self, Predict.self, ReportCommand.self, LookCommand.self, Generate.self,
      Export.self, Inspect.self,
      KindsCommand.self, SchemaCommand.self, Verify.self, AuditCommand.self, Bench.self, BenchRank.self, Hear.self,
    ])

  /// Parses and runs; every error leaves by one line and its exit code.
  static func main() {
    endByALineWhereMemoryIsGone()
    endByTheSignalOfACrash()
    Report.becomeObserver()
    let arguments = Array(commandLine.dropFirst())
    var command: any ParsableCommand
    do {
      command = try parseAsRoot(joiningNegativeNumbers(arguments))
    } catch {
      CStart_unblock_stop_requests()
      leave(error, Hints(arguments: arguments))
    }
    // Those two wait for them by threads of their own.
    if !(command is Train || command is Launch) { CStart_unblock_stop_requests() }
    do {
      try command.run()
    } catch  where exitCode(for: error).isSuccess {
      exit(withError: error)  // The command is `help`, which prints by throwing.
    } catch {
      complain(Failure(reporting: error))
    }
  }

  /// The arguments and the program's name, as the process got them; Swift knows none where /proc is not mounted.
  private static var commandLine: [String] {
    let count = CStart_argument_count()
    guard count > 0 else { return CommandLine.arguments }
    return (0..<count).map { String(cString: CStart_argument($0)) }
  }

  /// Ends as the parser would, with a hint where we know better than it.
  private static func leave(_ error: any Error, _ hints: Hints) -> Never {
    guard !exitCode(for: error).isSuccess, let hint = hints.hint(for: message(for: error)) else {
      exit(withError: error)
    }
    var lines = fullMessage(for: error).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines[0] = lines[0].replacing(#/\. Did you mean .*/#, with: "") + "; \(hint)"
    for line in lines { writeStandardError(line: line) }
    Foundation.exit(exitCode(for: error).rawValue)
  }
}

/// Wherever an allocation fails, in Swift's runtime or in a library, the user gets a line and 69 instead of a trap.
private func endByALineWhereMemoryIsGone() {
  // A literal lives as long as the program, whose last words it is where there is no memory for others.
  let last: StaticString = "lockstep: out of memory; lift the limit (ulimit -v), or make the model smaller\n"
  last.withUTF8Buffer { text in
    text.withMemoryRebound(to: CChar.self) {
      CAllocations_on_exhaustion({ OutOfMemory.end(wanting: Int(clamping: $0)) }, $0.baseAddress, OutOfMemory.code)
    }
  }
}

/// Lets a crash end the process at once, by the signal that it got, so that mpirun names that one.
///
/// Swift's runtime would print a page, for which it suspends all threads by SIGUSR1, a request to stop here, and would go
/// on where somebody had sent the signal. Where `SWIFT_BACKTRACE` is set, that is what is wanted. A library that crashes for
/// want of memory ends as all that get none.
private func endByTheSignalOfACrash() {
  guard getenv("SWIFT_BACKTRACE") == nil else { return }
  var action = sigaction()
  action.sa_flags = SA_ONSTACK
  action.__sigaction_handler.sa_handler = { number in
    let probe = mmap(nil, crashProbe, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    // Nothing that would take a lock: this thread may hold it.
    if Int(bitPattern: probe) == -1 { CAllocations_end_exhausted() }
    signal(number, SIG_DFL)
    raise(number)
  }
  for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { sigaction(number, &action, nil) }
  // It stays ignored where it was, as in a shell's background.
  let before = unsafeBitCast(signal(SIGQUIT, SIG_DFL), to: Int.self)
  if before == unsafeBitCast(SIG_IGN, to: Int.self) { signal(SIGQUIT, SIG_IGN) }
}

/// Bytes that a process in good health can always have.
private let crashProbe = 16 << 20
