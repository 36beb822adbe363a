/// Why the bytes of one file of many cannot be used: what was expected, and what was found.
package struct FileFault: Error, Equatable, Sendable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}
