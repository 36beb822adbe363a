import Foundation

/// Runs a program to its end on a terminal of `columns` columns; returns its exit code and all it printed.
///
/// - Parameter resized: columns that the terminal has as soon as something of this text was printed.
public func runOnTerminal(
  _ executable: String, _ arguments: [String], columns: UInt16, resized: (columns: UInt16, after: String)? = nil,
  environment: [String: String] = [:], deadline: TimeInterval
) throws -> (code: Int32, output: String) {
  func checked(_ call: String, _ result: Int32) throws {
    guard result >= 0 else { throw SystemError(call: call, subject: "a pseudo terminal", code: errno) }
  }
  // What posix_openpt, unlockpt and ptsname do, which Swift's Glibc does not have.
  let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
  try checked("open", terminal)
  defer { close(terminal) }
  var (locked, number): (Int32, Int32) = (0, 0)
  try checked("unlock", ioctl(terminal, lockRequest, &locked))
  try checked("name", ioctl(terminal, numberRequest, &number))
  let name = "/dev/pts/\(number)"
  func resize(_ columns: UInt16) throws {
    var size = winsize(ws_row: 25, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try checked("ioctl", ioctl(terminal, UInt(TIOCSWINSZ), &size))
  }
  try resize(columns)
  try checked("fcntl", fcntl(terminal, F_SETFL, O_NONBLOCK))

  let process = try spawn(executable, arguments, environment: environment, directory: nil, output: name, errors: name)
  var (output, status): ([UInt8], Int32) = ([], 0)
  var resized = resized
  func drain() throws {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while case let count = read(terminal, &bytes, bytes.count), count > 0 { output += bytes[..<count] }
    if let (columns, text) = resized, String(decoding: output, as: UTF8.self).contains(text) {
      try resize(columns)
      resized = nil
    }
  }
  var clock = QuietClock()
  while waitpid(process, &status, WNOHANG) != process {
    try drain()
    if clock.tick() >= deadline {
      let processes = killTree(process)
      waitpid(process, &status, 0)
      throw TimedOut(
        command: ([executable] + arguments).joined(separator: " "), deadline: deadline, elapsed: clock.elapsed,
        output: String(decoding: output, as: UTF8.self), errors: "", processes: processes)
    }
    usleep(2000)
  }
  try drain()
  let signal = status & 0x7f
  return (signal == 0 ? (status >> 8) & 0xff : 128 + signal, String(decoding: output, as: UTF8.self))
}

/// Linux's TIOCSPTLCK and TIOCGPTN, macros that Swift cannot read.
private let (lockRequest, numberRequest): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
