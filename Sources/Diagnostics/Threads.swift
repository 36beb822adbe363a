#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Starts a thread that runs `body`, with a stack of 8 MiB; a thread that cannot be had ends the process (69) by one line.
///
/// Foundation's `Thread` says nothing where the system has no room for one: whoever waits for its work waits for ever.
///
/// - Parameter name: shown by `top -H` and debuggers, which know the first 15 bytes.
package func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
  let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  pthread_attr_setstacksize(&attributes, ThreadStart.stackBytes)
  var thread = pthread_t()
  let code = pthread_create(
    &thread, &attributes,
    { argument in
      Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue().run()
      return nil
    }, start.toOpaque())
  if code != 0 { OutOfMemory.end(wantingThread: name, of: ThreadStart.stackBytes, because: code) }
}

private final class ThreadStart: Sendable {
  static let stackBytes = 8 << 20
  private let name: String
  private let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) { (self.name, self.body) = (name, body) }

  func run() {
    nameThread(name)
    body()
  }
}

/// Names this thread, and tells whether it could.
@discardableResult package func nameThread(_ name: String) -> Bool { write(name, "thread-self") }

/// Names this process by its first thread, and tells whether it could.
package func nameProcess(_ name: String) -> Bool { write(name, "self") }

/// By another door than pthread_setname_np, which is a GNU extension that Swift does not see.
private func write(_ name: String, _ thread: String) -> Bool {
  guard let file = fopen("/proc/\(thread)/comm", "we") else { return false }
  let isWritten = fputs(name, file) >= 0
  return fclose(file) == 0 && isWritten
}
