import Testing

@testable import Tensors

/// The canonical tree over nodes that come one by one is that over all of them.
@Suite struct StreamingFoldTests {
  @Test func sameTree() {
    for count in 0...300 {
      let names = (0..<count).map { "\($0)" }
      var fold = StreamingFold<String> { "(\($0) \($1))" }
      for name in names { fold.add(name) }
      #expect(fold.total == pairwiseFold(names) { "(\($0) \($1))" })
    }
  }
}
