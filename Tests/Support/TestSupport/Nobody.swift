import Foundation

/// Runs `body` with the file permissions of a user without privileges, on this thread alone.
public func asNobody<Result>(_ body: () throws -> Result) rethrows -> Result {
  guard geteuid() == 0 else { return try body() }
  // Not in Swift's module of the C library.
  guard let symbol = dlsym(nil, "setfsuid") else { preconditionFailure("the C library has no setfsuid") }
  let setfsuid = unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> CInt).self)
  _ = setfsuid(65534)
  defer { _ = setfsuid(0) }
  return try body()
}
