/// Why bytes are no picture that can be used: what was expected, and what was found.
package struct PictureFault: Error, Equatable, Sendable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}
