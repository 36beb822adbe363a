import Foundation

/// Says that a test, or a part of it, cannot run on this machine, and why; the only way to leave one out.
///
/// The test returns afterwards, and passes. `scripts/test` names the file that these lines are collected in by
/// `LOCKSTEP_NOT_TESTED`, and lists them at its end.
public func notTested(
  _ what: String, because reason: String, collected path: String? = nil, file: String = #fileID,
  function: String = #function
) {
  // Of what a command has said, the last line alone.
  let reason = reason.split(separator: "\n").last.map(String.init) ?? "no reason given"
  let line = "\(file), \(function): \(what): \(reason)\n"
  print("NOT TESTED: \(line)", terminator: "")
  guard let path = path ?? ProcessInfo.processInfo.environment["LOCKSTEP_NOT_TESTED"] else { return }
  // At once and at the end: several processes may do so at the same time.
  let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
  let written = write(descriptor, line, line.utf8.count)
  precondition(written == line.utf8.count, "\(path): expected to append \(line.utf8.count) bytes, found \(written)")
  close(descriptor)
}
