/// Floats that a thread keeps from sound to sound: room that grows to what was asked for most.
final class SoundMemory {
  private(set) var base: UnsafeMutablePointer<Float>
  private(set) var capacity: Int

  init(capacity: Int = 1 << 14) {
    self.capacity = capacity
    base = Self.allocated(capacity)
  }

  deinit { base.deallocate() }

  private static func allocated(_ count: Int) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer.allocate(byteCount: 4 * max(16, count), alignment: 64).bindMemory(
      to: Float.self, capacity: max(16, count))
  }

  /// Room for so many floats, of which the first `kept` stay what they were; the others hold anything.
  func room(_ count: Int, keeping kept: Int = 0) -> UnsafeMutablePointer<Float> {
    guard count > capacity else { return base }
    let larger = count + count / 2
    let new = Self.allocated(larger)
    new.update(from: base, count: kept)
    base.deallocate()
    (base, capacity) = (new, larger)
    return new
  }
}
