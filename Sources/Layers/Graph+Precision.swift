import Kernels
import Tensors

extension Graph {
  /// Has those tensors kept as bfloat16 whose writer and whose reader take them so, where there is one of each.
  ///
  /// Tensors that an operation has alike are kept so together or not at all.
  mutating func keepBFloat16() {
    var (written, read) = (Set<Int>(), Set<Int>())
    /// By tensor: another one that it is like, which leads to the same one for all of them; itself, at the end.
    var like = Array(tensors.indices)
    func last(_ tensor: Int) -> Int {
      var tensor = tensor
      while like[tensor] != tensor {
        // The way becomes half as long, for whoever comes later.
        like[tensor] = like[like[tensor]]
        tensor = like[tensor]
      }
      return tensor
    }
    for operation in operations {
      // What stands for many numbers is rounded as they are.
      let taken = isGate(operation) ? .alike : operation.bfloat16Tensors
      if !taken.isDisjoint(with: [.output, .alike]) { written.formUnion(operation.outputs) }
      if !taken.isDisjoint(with: [.input, .alike]) { read.formUnion(operation.inputs) }
      guard taken.contains(.alike) || operation.sharesMemory else { continue }
      for tensor in operation.inputs + operation.outputs { like[last(tensor)] = last(operation.outputs[0]) }
    }
    let floats = Set(tensors.indices.filter { !written.contains($0) || !read.contains($0) }.map(last))
    for tensor in tensors.indices where !floats.contains(last(tensor)) { tensors[tensor].precision = .bfloat16 }
  }

  /// Whether an operation multiplies one branch by a number for each of its channels, the other.
  func isGate(_ operation: Operation) -> Bool {
    guard case .join(let join) = operation.action else { return false }
    return join.gated(operation.inputs.map { tensors[$0].shape }) != nil
  }

  /// What a tensor of `microBatch` samples is of, and how many numbers it has.
  func form(of tensor: Int, microBatch: Int) -> TensorForm {
    TensorForm(precision: tensors[tensor].precision, count: tensors[tensor].shape.count * microBatch)
  }

  /// Whether the values of an operation's input and output may share memory.
  func valuePlacement(of operation: Operation) -> Placement { possible(operation.valuePlacement, operation) }

  /// Whether their gradients may share memory.
  func gradientPlacement(of operation: Operation) -> Placement { possible(operation.gradientPlacement, operation) }

  /// What is of another precision than what it is made of is written beside it.
  func possible(_ placement: Placement, _ operation: Operation) -> Placement {
    let isSame = tensors[operation.inputs[0]].precision == tensors[operation.outputs[0]].precision
    return placement == .inPlace && !isSame ? .apart : placement
  }
}
