import Communication
import Tensors

/// The large memory of a rank: the parameters, and the gradient buffers of its crews.
///
/// Where all ranks run on one host it lies in memory that they share: one copy of the parameters for all of them, and
/// gradients that are added where they lie.
struct StepMemory {
  let parameters: FloatView
  /// `gradients[crew][buffer]`
  let gradients: [[FloatView]]
  /// Each rank's shared part; nil where a rank's memory is its own.
  let shared: [FloatView]?

  /// Makes it, zeroed; all ranks call it. There are `all` parameters; `buffers` are the gradient buffers of each crew, of `count`
  /// floats.
  init(parameters all: Int, count: Int, buffers: [Int], sharing isShared: Bool, world: any Communicator) throws {
    let total = buffers.reduce(0, +) * count
    // The parameters lie first in rank zero's part.
    let floats = (world.rank == 0 ? all : 0) + total
    let parts = isShared ? try world.shareMemory(byteCount: max(1, floats) * MemoryLayout<Float>.stride) : nil
    guard let parts else {
      shared = nil
      parameters = FlatBuffer(count: all).view
      gradients = buffers.map { number in (0..<number).map { _ in FlatBuffer(count: count).view } }
      return
    }
    let views = parts.map { FlatBuffer(borrowing: $0, from: world).view }
    shared = views
    parameters = views[0][0..<all]
    var next = world.rank == 0 ? all : 0
    gradients = buffers.map { number in
      (0..<number).map { _ in
        defer { next += count }
        return views[world.rank][next..<next + count]
      }
    }
  }
}
