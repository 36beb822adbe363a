import Foundation

/// The cases of a test that takes long: the first of them, or all where `LOCKSTEP_TRIALS` is `all`, as
/// `scripts/torture trials` has it.
///
/// Every test is one of `scripts/test`, and none of its cases is out of the ordinary: all of them are for changes of what it
/// is about, and for releases.
public func trials<Case>(_ cases: Case...) -> [Case] {
  ProcessInfo.processInfo.environment["LOCKSTEP_TRIALS"] == "all" ? cases : Array(cases.prefix(1))
}
