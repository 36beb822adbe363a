import Foundation

/// A process that was still running at its deadline, and what it had printed by then.
public struct TimedOut: Error, CustomStringConvertible {
  public let command: String
  /// Seconds of a quiet machine.
  public let deadline: TimeInterval
  /// Seconds that have passed.
  public let elapsed: TimeInterval
  public let output: String
  public let errors: String
  /// It and its descendants, one each: number, state, where in the kernel it waits, command.
  public let processes: [String]

  public var description: String {
    """
    \(command): still running after \(Int(elapsed)) s (\(deadline) s of a quiet machine), killed
    processes:
      \(processes.joined(separator: "\n  "))
    output: \(output)
    errors: \(errors)
    """
  }
}

/// Runs a program to its end and returns its exit code (128 + signal when a signal ended it) and all it printed.
///
/// `environment` is added to this process's own; standard input is empty. `executable` is a path, or a name that is
/// looked up in PATH. The output goes to files, so its size does not matter and no left-over process can hold it open.
///
/// - Throws: `TimedOut` after `deadline` seconds of a quiet machine, when the process and all its descendants have been
///   killed: where others want the processors, a program has more time. A deadline is there to end what hangs, not to
///   judge how quick something is. An error
///   that names the executable when it cannot be started.
public func run(
  _ executable: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil,
  deadline: TimeInterval
) throws -> (code: Int32, output: String, errors: String) {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("run-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let output = folder.appendingPathComponent("output").path
  let errors = folder.appendingPathComponent("errors").path

  let process = try spawn(
    executable, arguments, environment: environment, directory: directory, output: output, errors: errors)
  func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  var clock = QuietClock()
  var status: Int32 = 0
  while true {
    let ended = waitpid(process, &status, WNOHANG)
    if ended == process { break }
    if ended < 0 && errno != EINTR { throw SystemError(call: "waitpid", subject: executable, code: errno) }
    if clock.tick() >= deadline {
      let processes = killTree(process)
      waitpid(process, &status, 0)
      throw TimedOut(
        command: ([executable] + arguments).joined(separator: " "), deadline: deadline, elapsed: clock.elapsed,
        output: text(output), errors: text(errors), processes: processes)
    }
    usleep(5000)
  }
  let signal = status & 0x7f
  return (signal == 0 ? (status >> 8) & 0xff : 128 + signal, text(output), text(errors))
}

/// Starts `product` of this package, as built beside the tests, on a number of ranks of this machine.
///
/// More ranks than cores are fine, and so is the superuser of a container. A machine without `mpirun` fails the test.
public func mpirun(
  _ ranks: Int, _ product: String, _ arguments: String..., environment: [String: String] = [:],
  deadline: TimeInterval = 60
) throws -> (code: Int32, output: String, errors: String) {
  try run(
    "mpirun",
    ["--oversubscribe", "--allow-run-as-root", "-np", String(ranks), try builtProduct(product)] + arguments,
    environment: environment, deadline: deadline)
}

/// The path of an executable of this package, in the folder that the running tests were built into.
public func builtProduct(_ name: String) throws -> String {
  let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  let path = tests.deletingLastPathComponent().appendingPathComponent(name).path
  guard FileManager.default.isExecutableFile(atPath: path) else {
    throw SystemError(call: "find the built product", subject: path, code: ENOENT)
  }
  return path
}

/// A call that failed, on what, and why.
struct SystemError: Error, CustomStringConvertible {
  let call: String
  let subject: String
  let code: Int32
  var description: String { "\(call) \(subject): \(String(cString: strerror(code)))" }
}
