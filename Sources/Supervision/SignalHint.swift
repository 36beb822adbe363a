import Foundation

/// What ends a process by signal `number` without being asked by its program, and what helps; nil where that is unknown.
func hint(ofSignal number: Int32) -> String? {
  switch number {
  case SIGKILL: "somebody sent it, or the system, where memory ran out (dmesg tells): start fewer ranks a host"
  case SIGBUS: "a file that was mapped became shorter, /dev/shm is full (df /dev/shm), or memory is faulty"
  case SIGILL, SIGTRAP:
    "a fault in Lockstep: report it with the lines above; or a processor that lacks an instruction: try lockstep doctor"
  case SIGSEGV, SIGFPE, SIGABRT, SIGSYS:
    "a fault in Lockstep or a library, or faulty memory: report it with the lines above, where nobody sent the signal"
  case SIGQUIT: "somebody sent it; SIGTERM asks for a checkpoint first"
  case SIGXCPU: "the limit of processor time is used up: raise it (ulimit -t)"
  case SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM: "somebody sent it"
  default: nil
  }
}
