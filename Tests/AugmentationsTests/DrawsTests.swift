import Testing

@testable import Augmentations

@Suite struct DrawsTests {
  private func draws(seed: UInt64 = 1, operation: Int = 0, epoch: Int = 0, sample: Int = 0) -> Draws {
    Draws(Draws.Keys(seed: seed, operation: operation), epoch: epoch, sample: sample)
  }
}
