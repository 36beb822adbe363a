import CSpawn
import Diagnostics
import Foundation

/// A program that runs beside this one, in a process group of its own, so that Ctrl-C in a terminal does not reach it.
///
/// It does not outlive this one: it gets SIGTERM when the thread that started it ends, as by SIGKILL of the process. Its
/// standard input is empty, its standard output ours, or nobody's where it is silent; its standard error comes to us.
final class ChildProcess {
  let identifier: pid_t
  /// The reading end of its standard error; reads never block.
  private let errors: Int32
  private var unfinished: [UInt8] = []
  /// The exit code, or 128 + the signal, once it has ended.
  private(set) var code: Int32?

  /// - Throws: unavailable (69) where the program cannot be started.
  init(_ command: [String], isSilent: Bool = false) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure.system("pipe", command[0], errno: errno) }
    errors = ends[0]
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)

    let words = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let started = CSpawn_start(words, ends[1], isSilent)
    let code = errno
    close(ends[1])
    guard started > 0 else {
      close(errors)
      throw Failure(
        .unavailable, at: command[0], "it cannot be started: \(String(cString: strerror(code)))",
        cure: "install it (scripts/quickstart does), or put it on the PATH")
    }
    identifier = started
  }

  deinit { close(errors) }

  /// Waits at most `seconds` for lines or for the end; returns the lines that have come.
  func lines(within seconds: Double) -> [String] {
    var wanted = pollfd(fd: errors, events: Int16(POLLIN), revents: 0)
    let isReadable = poll(&wanted, 1, Int32(seconds * 1000)) > 0
    // A closed pipe is readable for ever: then only the end is awaited.
    if isReadable, !drain(), code == nil { usleep(UInt32(seconds * 1e6)) }
    if code == nil {
      var status: Int32 = 0
      let answer = waitpid(identifier, &status, WNOHANG)
      if answer == identifier {
        let signal = status & 0x7f
        code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        // What it printed last; a process that it left behind may hold the pipe open, and is not waited for.
        _ = drain()
        if unfinished.last != UInt8(ascii: "\n"), !unfinished.isEmpty { unfinished.append(UInt8(ascii: "\n")) }
      }
    }
    var complete = unfinished.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    unfinished = complete.popLast().map(Array.init) ?? []
    return complete.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Reads what there is; false where the pipe is closed.
  private func drain() -> Bool {
    var block = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(errors, &block, block.count)
      if count > 0 { unfinished += block[..<count] } else { return count < 0 && errno != EBADF }
    }
  }

  /// Sends a signal to it and to its group, unless it has ended.
  func signal(_ number: Int32) {
    if code == nil { kill(-identifier, number) }
  }

  /// Waits until it has ended, `seconds` at most, and then kills it; returns its exit code and the lines it printed.
  func end(within seconds: Double) -> (code: Int32, lines: [String]) {
    let end = Deadline(seconds: seconds)
    var printed: [String] = []
    while code == nil, !end.isOver { printed += lines(within: 0.02) }
    signal(SIGKILL)
    while code == nil { printed += lines(within: 0.02) }
    return (code!, printed)
  }
}
