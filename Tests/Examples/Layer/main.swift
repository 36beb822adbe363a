// A layer of one's own, which configurations then know: y = x · sigmoid(slope · x), Swish (Ramachandran et al., 2017).
//
//   mpirun -n 2 example-layer runs/swish

import Foundation
import Lockstep
import LockstepMPI

struct Swish: ConfiguredLayer {
  static let kind = "swish"
  let slope: Float

  init(_ settings: ConfigReader) throws { slope = Float(try settings.double("slope", default: 1, in: 0...10)) }

  func outputShape(for input: Shape) -> Shape { input }
  var backwardReads: BackwardReads { .input }
  func bind(_ binding: Binding) -> any BoundLayer { BoundSwish(slope: slope, binding: binding) }
}

struct BoundSwish: BoundLayer {
  let slope: Float
  let binding: Binding

  private func sigmoid(_ x: Float) -> Float { 1 / (1 + Float(exp(Double(-slope * x)))) }

  func forward(_ lane: borrowing Lane) {
    let (x, y) = (lane.values[binding.input], lane.values[binding.output])
    for i in 0..<x.count { y[i] = x[i] * sigmoid(x[i]) }
  }

  func backward(_ lane: borrowing Lane) {
    guard binding.wantsInputGradient else { return }
    let (x, dx, dy) = (lane.values[binding.input], lane.gradients[binding.input], lane.gradients[binding.output])
    for i in 0..<x.count {
      let s = sigmoid(x[i])
      dx[i] = dy[i] * (s + slope * x[i] * s * (1 - s))
    }
  }
}

extension Swish: ONNXLayer {
  func append(to graph: ONNXGraph, _ x: ONNXValue, of shape: Shape, parameters: [ONNXValue]) -> ONNXValue {
    graph.add("Mul", x, graph.add("Sigmoid", graph.add("Mul", x, graph.single(slope))))
  }
}

layerKinds.add(Swish.self)
let directory = CommandLine.arguments.dropFirst().first ?? "runs/swish"
let yaml = """
  data: two-class
  model: [{dense: 16}, {swish: {slope: 1.5}}, {dense: 2}]
  epochs: 3
  """
exit(
  withMPI { world in
    let configuration = try RunConfiguration(yaml: yaml, name: "swish")
    return try TrainingRun(configuration, output: directory, world: world).train()
  })
