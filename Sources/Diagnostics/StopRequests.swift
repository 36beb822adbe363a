#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The signals that ask a run to stop with a checkpoint: SIGTERM, SIGINT, SIGUSR1, and SIGHUP when a terminal goes.
///
/// Under `nohup` SIGHUP is ignored and asks for nothing. To be read before any of them is blocked or waited for.
public func stopRequests() -> [Int32] {
  [SIGTERM, SIGINT, SIGUSR1] + (isIgnored(SIGHUP) ? [] : [SIGHUP])
}

private func isIgnored(_ signal: Int32) -> Bool {
  var action = sigaction()
  guard sigaction(signal, nil, &action) == 0 else { return false }
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}
