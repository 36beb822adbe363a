import Foundation
import TestSupport
import Testing

/// What a process printed, and its exit code.
typealias Ended = (code: Int32, output: String, errors: String)

/// Runs the command, alone (`ranks` nil) or under mpirun, with a deadline.
///
/// That a host is crowded, or a rank slow, depends on the machine that tests run on: those notes are left out.
func lockstep(
  _ arguments: [String], ranks: Int? = nil, environment: [String: String] = [:], in directory: String? = nil,
  deadline: TimeInterval = 60
) throws -> Ended {
  let program = try builtProduct("lockstep")
  guard let ranks else {
    return withoutCrowding(
      try run(program, arguments, environment: environment, directory: directory, deadline: deadline))
  }
  return withoutCrowding(
    try run(
      "mpirun", launch(ranks) + [program] + arguments, environment: environment, directory: directory,
      deadline: deadline))
}

/// What a process printed, without the notes on hosts that have more lanes than cores, and on slow ranks.
func withoutCrowding(_ ended: Ended) -> Ended {
  let notes = #/note: (?:[^ ]+: [0-9]+ lanes on [0-9]+ cores?: |rank [0-9]+ on [^ ]+ computes slowly: ).*\n/#
  return (ended.code, ended.output, ended.errors.replacing(notes, with: ""))
}

/// More ranks than cores, as superuser of a container: mpirun refuses both unless told.
func launch(_ ranks: Int) -> [String] { ["--oversubscribe", "--allow-run-as-root", "-np", "\(ranks)"] }

/// Trains and returns the digest that is the last line of standard output.
@discardableResult
func digest(
  _ arguments: [String], ranks: Int? = nil, deadline: TimeInterval = 60,
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> String {
  let ended = try lockstep(["train"] + arguments, ranks: ranks, deadline: deadline)
  #expect(ended.code == 0, "\(arguments) on \(ranks ?? 1): \(ended.errors)", sourceLocation: sourceLocation)
  let last = lines(ended.output).last ?? ""
  #expect(last.wholeMatch(of: #/digest sha256:[0-9a-f]{64}/#) != nil, "\(last)", sourceLocation: sourceLocation)
  #expect(ended.output.hasSuffix("\(last)\n"), sourceLocation: sourceLocation)
  return String(last.dropFirst(7))
}

func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

/// Our own lines among those that mpirun adds, without the rank and its host.
func complaints(_ ended: Ended) -> [String] {
  lines(ended.errors).compactMap { line in
    line.wholeMatch(of: #/(?:lockstep|rank [0-9]+ on [^ :]+): (.*)/#).map { String($0.1) }
  }
}

/// Expects an end with `code` and one line of ours, which holds `message`; no other output but mpirun's.
func expectComplaint(
  _ code: Int32, _ message: String, _ ended: Ended, besides notes: Int = 0,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let all = Comment(rawValue: "\(ended.output)\(ended.errors)")
  #expect(ended.code == code, all, sourceLocation: sourceLocation)
  #expect(complaints(ended).count == 1, all, sourceLocation: sourceLocation)
  #expect(complaints(ended).first?.contains(message) == true, all, sourceLocation: sourceLocation)
  for trace in ["Fatal error", "crashed", "Backtrac", "Process received signal", "Stack dump"] {
    #expect(!ended.errors.contains(trace), all, sourceLocation: sourceLocation)
  }
  if !ended.errors.contains("mpirun") && !ended.errors.contains("MPI_ABORT") {
    #expect(lines(ended.errors).count == 1 + notes, all, sourceLocation: sourceLocation)
  }
}

/// The steps of a run's checkpoints.
func checkpoints(_ folder: Folder, _ run: String) -> [Int] {
  folder.names(run).filter { $0.hasPrefix("step-") }.compactMap { Int($0.dropFirst(5)) }
}

/// Names in a run directory that a run leaves only when it was killed.
func leftovers(_ folder: Folder, _ run: String) -> [String] {
  folder.names(run).filter { $0.hasPrefix(".") || $0.contains("partial") }
}

/// The environment in which a program begins with that C source, as a library of the folder's.
func preloading(_ source: String, in folder: Folder) throws -> [String: String] {
  let library = folder["preloaded.so"]
  let built = try run(
    "clang", ["-shared", "-fPIC", "-o", library, try folder.write("preloaded.c", source)], deadline: 60)
  try #require(built.code == 0, "\(built.errors)")
  return ["LD_PRELOAD": library]
}
