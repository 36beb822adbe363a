import Diagnostics
import Foundation
import Host

/// Starts a program in a process group of its own, its standard output and errors in two new files.
func spawn(
  _ executable: String, _ arguments: [String], environment: [String: String], directory: String?, output: String,
  errors: String
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)

  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  // The tests' own signal mask and ignored signals are not the program's business.
  var none = sigset_t()
  var all = sigset_t()
  sigemptyset(&none)
  sigfillset(&all)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setsigdefault(&attributes, &all)
  posix_spawnattr_setpgroup(&attributes, 0)
  posix_spawnattr_setflags(
    &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

  let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  // Swift's Glibc has no posix_spawn_file_actions_addchdir_np.
  let command = (directory.map { ["env", "-C", $0] } ?? []) + [executable] + arguments
  let argv = command.map { strdup($0) } + [nil]
  let envp = variables.map { strdup("\($0)=\($1)") } + [nil]
  defer { for string in argv + envp { free(string) } }

  var process: pid_t = 0
  let code = posix_spawnp(&process, command[0], &actions, &attributes, argv, envp)
  guard code == 0 else { throw SystemError(call: "start", subject: executable, code: code) }
  return process
}

/// Kills a process, its group and all its descendants: `mpirun` gives each rank a group of its own.
///
/// Returns a line for each, which tells what it was at.
func killTree(_ root: pid_t) -> [String] {
  let atWork = description(of: root)
  // A stopped parent starts no more children while they are being counted.
  kill(root, SIGSTOP)
  let parents = parentsOfProcesses()
  var doomed = [root]
  var next = 0
  while next < doomed.count {
    doomed += parents.filter { $0.value == doomed[next] }.keys
    next += 1
  }
  let descriptions = [atWork] + doomed.dropFirst().map(description)
  kill(-root, SIGKILL)
  for process in doomed { kill(process, SIGKILL) }
  return descriptions
}

/// `4711 S (do_wait) mpirun -np 2 …`: R runs, S and D wait, T is stopped, Z has ended.
private func description(of process: pid_t) -> String {
  let entry = HostProcess(Int(process))
  let place = FileManager.default.contents(atPath: "/proc/\(process)/wchan") ?? Data()
  let state = entry.status.map { String($0.state) } ?? "?"
  return "\(process) \(state) (\(String(decoding: place, as: UTF8.self))) \(entry.arguments.joined(separator: " "))"
}

/// Each running process and its parent, as /proc tells.
private func parentsOfProcesses() -> [pid_t: pid_t] {
  let pairs = HostProcess.all().compactMap { process in
    process.status.map { (pid_t(process.identifier), pid_t($0.parent)) }
  }
  return Dictionary(pairs) { first, _ in first }
}
