// A network and data made in Swift: trained by any number of ranks, measured, saved, loaded again, asked.
//
//   mpirun -n 2 example-network runs/rings

import Foundation
import Lockstep
import LockstepMPI

/// Points around two rings: the inner one is class 0, the outer one class 1.
func rings(_ count: Int, seed: UInt64) -> Dataset {
  let random = Philox(seed: seed, purpose: .data)
  var (points, classes) = ([Float](), [Int32]())
  for index in 0..<count {
    let words = random.block(stream: 0, index: UInt64(index))
    let (angle, label) = (2 * Double.pi * words.x.unitInterval, index % 2)
    let radius = 1 + Double(label) + 0.6 * (words.y.unitInterval - 0.5)
    points += [Float(radius * cos(angle)), Float(radius * sin(angle))]
    classes.append(Int32(label))
  }
  return Dataset(
    source: "rings", shape: [2], features: .floats(points), targets: .classes(classes, names: ["inner", "outer"]))
}

/// Is told of every step.
final class Curve: RunObserver {
  private(set) var losses: [Double] = []
  func observe(_ event: RunEvent) { if case .step(let report) = event { losses.append(report.loss) } }
}

let (train, test) = (rings(4096, seed: 1), rings(1024, seed: 2))
let configuration = try RunConfiguration(
  name: "rings", train: train, test: test, optimizer: .adam(), learningRate: 0.01, epochs: 4
) {
  Dense(units: 32)
  ReLU()
  Dense(units: 2)
}
let directory = CommandLine.arguments.dropFirst().first ?? "runs/rings"

exit(
  withMPI { world in
    let curve = Curve()
    let run = try TrainingRun(configuration, output: directory, observers: [curve], world: world)
    guard try run.train() == 0 else { return ExitCode.stopped.rawValue }

    let model = try Model(directory, as: configuration, world: world)
    let evaluation = try model.evaluate(test)
    guard world.rank == 0 else { return 0 }
    print("\(curve.losses.count) steps, loss \(curve.losses[0]) to \(curve.losses.last!)")
    print("\(evaluation.headline.name) \(evaluation.headline.value), \(model.record.digest == run.digest.description)")
    let centre = Dataset(source: "centre", shape: [2], features: .floats([0.9, 0]), targets: .none)
    print("probability of inner at (0.9, 0): \(try model.predict(centre).view[0])")
    return 0
  })
