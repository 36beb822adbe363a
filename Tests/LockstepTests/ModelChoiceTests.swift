import Communication
import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Ranks that load a model share one checkpoint, whatever each of them would find.
@Suite struct ModelChoiceTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  /// As where a run goes on beside it, and the others look a moment later.
  @Test(arguments: [2, 3])
  func rankZeroChooses(ranks: Int) throws {
    try train("two-class", ["epochs=1", "seed=1"], in: folder["a"])
    try train("two-class", ["epochs=1", "seed=2"], in: folder["b"])
    let digests = try LocalWorld.run(ranks: ranks) { [folder] world in
      try Model(folder[world.rank == 0 ? "a" : "b"], world: world).record.digest
    }
    #expect(digests == Array(repeating: try Model(folder["a"]).record.digest, count: ranks))
  }
}
