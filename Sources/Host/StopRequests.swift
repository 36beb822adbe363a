import Diagnostics

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Has a thread of its own run `serve`, which waits for the signals that ask for a stop.
///
/// To be called before any other thread is started: this thread, and those that it starts later, no longer get them.
package func startServingStopRequests(_ serve: @escaping @Sendable (sigset_t) -> Void) {
  var signals = sigset_t()
  sigemptyset(&signals)
  for number in stopRequests() { sigaddset(&signals, number) }
  pthread_sigmask(SIG_BLOCK, &signals, nil)
  startThread("signals") { [signals] in serve(signals) }
}

/// The signals that ask a run to stop with a checkpoint: SIGTERM, SIGINT, SIGUSR1, and SIGHUP when a terminal goes.
///
/// Under `nohup` SIGHUP is ignored and asks for nothing.
private func stopRequests() -> [Int32] {
  [SIGTERM, SIGINT, SIGUSR1] + (isIgnored(SIGHUP) ? [] : [SIGHUP])
}

private func isIgnored(_ signal: Int32) -> Bool {
  var action = sigaction()
  guard sigaction(signal, nil, &action) == 0 else { return false }
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}
