import Kernels
import Layers
import Losses
import Tensors
import Testing

/// Compares a plan's backward pass with central differences of its loss: the one checker for every layer and loss.
///
/// For each parameter p, (L(p + h) - L(p - h)) / 2h, where L is the loss of one micro-batch, summed in double, but of
/// activations in float. Two errors are left, and the tolerance is made of their sizes:
///
/// - Rounding: each loss is off by about 2⁻²⁴ · (|L| + 1), some of it over a few layers; divided by h = 2⁻⁸ and taken
///   eight times that is 8 · 2⁻¹⁶ · (|L| + 1) = 1.2e-4 · (|L| + 1).
/// - Curvature: h² / 6 of the third derivative, which for losses and activations of inputs of order one is at most
///   about 10: 2.5e-5.
///
/// - Huber's kink: where a step takes an error over δ, the second derivative jumps by 1 / outputs, which puts the
///   difference off by at most h / 4 = 1e-3 of the squared derivative of that error.
///
/// Gradients are of order 0.1 to 1, so a wrong term, sign or factor is off by a hundred times that.
struct GradientCheck {
  let plan: Plan
  let loss: any Loss
  let valid: Int
  let parameters: FlatBuffer
  private let input: [Float]
  private let classes: [Int32]
  private let values: [Float]
  private let mode: Lane.Mode

  static let step: Float = 0x1p-8

  /// Parameters, targets and, where it is not given, the input are drawn from fixed streams.
  init(
    _ network: Network, loss: any Loss, microBatch: Int = 5, valid: Int? = nil, mode: Lane.Mode = training,
    input: [Float]? = nil
  ) throws {
    plan = try network.plan(microBatch: microBatch)
    self.loss = loss
    self.valid = valid ?? microBatch
    self.mode = mode
    parameters = FlatBuffer(count: plan.layout.count)
    for (number, slot) in plan.layout.slots.enumerated() {
      parameters.view[slot.range].assign(uniform(slot.range.count, 0.7, stream: UInt64(number)))
    }
    // T×C outputs have a class a position.
    let outputs = plan.outputShape.count
    let positions = plan.outputShape.rank == 2 ? plan.outputShape[0] : 1
    self.input = input ?? uniform(microBatch * network.input.count, 1, stream: 100)
    classes = (0..<microBatch * positions).map { Int32($0 * 3 % (outputs / positions)) }
    values = uniform(microBatch * outputs, 0.5, stream: 101).map { $0 + 0.5 }
  }

  static let training = Lane.Mode.training(step: 3, firstPosition: 10)

  /// The loss of one pass, and the leaf that it leaves.
  func pass() -> (loss: Double, leaf: FlatBuffer) {
    var lane = plan.makeLane(parameters: parameters.view, seed: 11)
    let leaf = FlatBuffer(count: plan.layout.count)
    let (input, values) = (buffer(self.input), buffer(self.values))
    lane.setInput(input.view)
    lane.setLeaf(leaf.view)
    lane.setMode(mode, valid: valid)
    plan.forward(lane)
    let total = classes.withUnsafeBufferPointer { classes in
      loss.sum(
        lane.output, loss.takesClasses ? .classes(classes) : .values(values.view), rows: plan.microBatch,
        valid: valid, gradient: lane.outputGradient)
    }
    plan.backward(lane)
    return (total, leaf)
  }

  /// The parameters whose gradient is not the derivative of the loss; empty where backward is right.
  func mistakes() -> [String] {
    let (loss, leaf) = pass()
    let kink = (self.loss as? HuberLoss)?.delta == 1 ? 1e-3 : 0
    let tolerance = 1.2e-4 * (abs(loss) + 1) + 2.5e-5 + kink
    var mistakes: [String] = []
    for slot in plan.layout.slots where slot.role.isLearned && !slot.isFrozen {
      for index in slot.range {
        let value = parameters.view[index]
        parameters.view[index] = value + Self.step
        let above = pass().loss
        parameters.view[index] = value - Self.step
        let below = pass().loss
        parameters.view[index] = value
        let difference = (above - below) / Double(2 * Self.step)
        let gradient = Double(leaf.view[index])
        if !(abs(difference - gradient) <= tolerance) {
          mistakes.append("\(slot.name)[\(index - slot.range.lowerBound)]: \(gradient), should be \(difference)")
        }
      }
    }
    return mistakes
  }
}

func buffer(_ values: [Float]) -> FlatBuffer {
  let buffer = FlatBuffer(count: values.count)
  buffer.view.assign(values)
  return buffer
}

/// `count` numbers in ±`limit`, the same on every host.
func uniform(_ count: Int, _ limit: Float, stream: UInt64 = 0) -> [Float] {
  let random = Philox(key: SIMD2(56, 78))
  return (0..<count).map { Float((random.block(stream: stream, index: UInt64($0)).x.unitInterval * 2 - 1)) * limit }
}

/// One of each kind, with the settings that it has where none are given.
let usualLosses: [any Loss] = [
  .crossEntropy, .binaryCrossEntropy, .meanSquaredError, .meanAbsoluteError, .huber(),
]
