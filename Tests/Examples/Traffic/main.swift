// A transport and a writer of one's own: trained as YAML says, then asked. Any setting may follow the directory.
//
//   mpirun -n 2 example-traffic runs/traffic [transport=messages ...]

import Foundation
import Lockstep
import LockstepMPI

/// Every rank sends all its nodes to everybody: more bytes than messages to the owners, and the same additions.
final class Flood: Transport {
  static let kind = "flood"
  private let binding: TransportBinding
  private var nodes = FlatBuffer(count: 0)  // All ranks', as the route numbers them.
  init(_ binding: TransportBinding) { self.binding = binding }
  func prepare(_ route: Route, nodes own: [FloatView]) -> Contribution {
    let floats = route.nodes.joined().count * binding.ownership.count
    if nodes.count < floats { nodes = FlatBuffer(count: floats) }
    return Contribution(route, nodes: own)
  }

  func begin(_ contribution: Contribution) throws {
    let (route, count) = (contribution.route, binding.ownership.count)
    for (number, node) in zip(route.operands(of: route.rank), contribution.nodes) {
      nodes.view[number * count..<(number + 1) * count].assign(node)
    }
    let ranges = route.nodes.indices.map(route.operands).map { $0.lowerBound * count * 4..<$0.upperBound * count * 4 }
    try binding.world.allGather(nodes.view.bytes, ranges: ranges)
  }
  func receive(_ slice: Range<Int>, of contribution: Contribution, into sum: FloatView, most: Int) {}
  func fold(_ part: Range<Int>, of slice: Range<Int>, _ contribution: Contribution, into sum: FloatView) {
    contribution.fold(part, of: slice, into: sum) { operand in
      let start = operand * binding.ownership.count
      return nodes.view[start + slice.lowerBound..<start + slice.upperBound]
    }
  }
  func spread(_ parameters: FloatView) throws { try binding.collectives.allGather(parameters) }
}

struct Lines: PredictionWriter {
  static let kind = "txt"
  let (form, file): (PredictionForm, OutputFile)
  init(_ form: PredictionForm, into file: OutputFile) { (self.form, self.file) = (form, file) }
  func write(_ predictions: Predictions) throws {
    for place in predictions.classes { try file.write("\(form.classes![place])\n") }
  }
}

transportKinds.add(Flood.self)
writerKinds.add(Lines.self)
let yaml = "data: two-class\nmodel: [{dense: 16}, relu, {dense: 2}]\ntransport: flood\noptimizer: {adam: 0.01}\n"
let arguments = CommandLine.arguments.dropFirst()
let code = withMPI { world in
  let configuration = try RunConfiguration(yaml: yaml, name: "traffic", overrides: Array(arguments.dropFirst()))
  let run = try TrainingRun(configuration, output: arguments.first, world: world)
  guard try run.train() == 0, world.rank == 0 else { return 0 }
  try Data("x,y\n1,2\n-1,-2\n".utf8).write(to: URL(filePath: "\(run.output)/new.csv"))
  try Model(run.output).writePredictions(of: "\(run.output)/new.csv", to: "\(run.output)/new.txt")
  return 0
}
exit(code)
