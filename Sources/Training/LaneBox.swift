import Kernels
import Layers
import Reduction
import Tensors

/// A lane and its gradient buffers; a class, so that the lanes of a team reach theirs without copying.
final class LaneBox: @unchecked Sendable {
  var lane: Lane
  let buffers: [FloatView]

  init(_ lane: consuming Lane, buffers: [FloatView] = []) {
    self.lane = lane
    self.buffers = buffers
  }

  func add(_ addition: CanonicalTree.Addition) {
    Kernels.add(buffers[addition.into], buffers[addition.from], into: buffers[addition.into])
  }
}
