/// Exit codes of the command, as `<sysexits.h>` of BSD names them.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// The command was called wrongly.
  case usage = 64
  /// Input data are damaged or not of the expected form.
  case badData = 65
  /// An input file does not exist or cannot be read.
  case missingInput = 66
  /// Something the run needs is not there: a host, an MPI world, an instruction set.
  case unavailable = 69
  /// A fault in Lockstep itself.
  case `internal` = 70
  /// `lockstep launch` restarted a run as often as it may, and it failed each time.
  case exhausted = 71
  /// Reading or writing failed: disk full, no permission.
  case inputOutput = 74
  /// Stopped on request, with a checkpoint: start the same command again with `--resume`.
  case stopped = 75
  /// The ranks made no progress for as long as the watchdog waits.
  case hung = 76
  /// The configuration is wrong.
  case badConfiguration = 78
}
