import Layers
import Lockstep

extension Plan {
  /// A weight of the model as a matrix, and how often a sample passes through it.
  struct Weight: Equatable {
    /// Places of a sample that it is applied to: 1, or those of an image or a text.
    let rows: Int
    let inputs: Int
    let outputs: Int
  }

  /// The weights that layers multiply with; tables that rows are only taken from are none.
  var weights: [Weight] {
    steps.filter { $0.multiplyAdds > 0 }.flatMap { step in
      step.slots.map { layout.slots[$0].shape }.filter { $0.rank > 1 }.map { shape in
        Weight(
          rows: step.outputShape.count / (step.outputShape.extents.last ?? 1), inputs: shape.count / shape[0],
          outputs: shape[0])
      }
    }
  }
}
