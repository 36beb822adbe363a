import Communication
import Tensors

/// The large memory of a rank: the parameters, and the gradient buffers of its lanes.
///
/// Where all ranks run on one host it lies in memory that they share: one copy of the parameters for all of them, and
/// gradients that are added where they lie.
struct StepMemory {
  let parameters: FlatBuffer
  /// `gradients[lane][buffer]`
  let gradients: [[FlatBuffer]]
  /// Each rank's shared part; nil where a rank's memory is its own.
  let shared: [FloatView]?

  /// Makes it, zeroed; all ranks call it. `buffers` are the gradient buffers of each lane, of `count` floats.
  init(count: Int, buffers: [Int], sharing isShared: Bool, world: any Communicator) throws {
    let total = buffers.reduce(0, +) * count
    // The parameters lie first in rank zero's part.
    let floats = (world.rank == 0 ? count : 0) + total
    let parts = isShared ? try world.shareMemory(byteCount: max(1, floats) * MemoryLayout<Float>.stride) : nil
    guard let parts else {
      shared = nil
      parameters = FlatBuffer(count: count)
      gradients = buffers.map { number in (0..<number).map { _ in FlatBuffer(count: count) } }
      return
    }
    let views = parts.map { part in
      FloatView(
        base: part.baseAddress!.assumingMemoryBound(to: Float.self), count: part.count / MemoryLayout<Float>.stride)
    }
    shared = views
    parameters = FlatBuffer(borrowing: views[0][0..<count], from: world)
    var next = world.rank == 0 ? count : 0
    gradients = buffers.map { number in
      (0..<number).map { _ in
        defer { next += count }
        return FlatBuffer(borrowing: views[world.rank][next..<next + count], from: world)
      }
    }
  }
}
