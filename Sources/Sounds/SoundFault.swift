/// Why bytes are no sound that can be used: what was expected, and what was found.
package struct SoundFault: Error, Equatable, Sendable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}
