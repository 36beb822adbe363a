import CAllocations

/// Calls of `malloc` and the like, counted while they are asked for.
struct Allocations {
  /// By the program, Swift's libraries and that of C.
  let own: Int
  /// By all other libraries.
  let foreign: Int

  /// What `body` allocates, and what other threads allocate meanwhile.
  static func count<Failure: Error>(in body: () throws(Failure) -> Void) throws(Failure) -> Allocations {
    let (own, foreign) = (CAllocations_own(), CAllocations_foreign())
    CAllocations_count(true)
    defer { CAllocations_count(false) }
    try body()
    return Allocations(own: Int(CAllocations_own() - own), foreign: Int(CAllocations_foreign() - foreign))
  }
}
