import Diagnostics

/// A failure that all ranks know of and throw together, so that each can end properly.
public struct CollectiveFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The rank that failed; the lowest, when there were several.
  package let rank: Int
  package let host: String
  package let failure: Failure

  package init(rank: Int, host: String, failure: Failure) {
    self.rank = rank
    self.host = host
    self.failure = failure
  }

  public var description: String { "rank \(rank) on \(host): \(failure)" }
}

/// The ranks can no longer talk to each other, so nothing can be agreed on either.
package protocol TransportError: Error {}

extension Communicator {
  /// Runs `body` on every rank and returns its result, unless it throws on one: then all ranks throw the same.
  ///
  /// ```swift
  /// let data = try world.agree { try open(path) }  // missing on rank 3 only: every rank throws rank 3's failure
  /// ```
  ///
  /// For what may go wrong on one rank alone, such as reading its files. All ranks call it. A collective
  /// inside of `body` has to be reached by all ranks: what may throw on some of them before it needs its own `agree`.
  ///
  /// - Throws: the `CollectiveFailure` of the lowest rank that failed. A `CollectiveFailure` and a `TransportError`
  ///   thrown by `body` pass as they are: the one is agreed already, the other cannot be.
  public func agree<Value>(_ body: () throws -> Value) throws -> Value {
    let outcome: Result<Value, any Error>
    do {
      outcome = .success(try body())
    } catch let error where error is CollectiveFailure || error is any TransportError {
      throw error
    } catch {
      outcome = .failure(error)
    }

    var own: Failure?
    if case .failure(let error) = outcome { own = Failure(reporting: error) }
    let codes = try allGather([own?.code.rawValue ?? 0]).map { $0[0] }
    guard let failed = codes.firstIndex(where: { $0 != 0 }) else { return try outcome.get() }

    // The texts travel only when something went wrong.
    let lines = try allGather(own?.description ?? "")
    let hosts = try allGather(host)
    let code = ExitCode(rawValue: codes[failed]) ?? .internal
    throw CollectiveFailure(rank: failed, host: hosts[failed], failure: Failure(code, lines[failed]))
  }
}

extension Failure {
  /// Any error as a failure: itself if it is one, a broken transport as unavailable (69), else an internal fault (70).
  package init(reporting error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let collective as CollectiveFailure: self = collective.failure
    case let transport as any TransportError: self.init(.unavailable, "\(transport)")
    default: self.init(.internal, "\(error)")
    }
  }
}
