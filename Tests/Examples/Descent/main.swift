// A loss, a gradient transform and an optimizer of one's own, which configurations then know.
//
//   mpirun -n 2 example-descent runs/descent

import Foundation
import Lockstep
import LockstepMPI

struct LogCosh: Loss {
  static let kind = "log-cosh"
  init(_ settings: ConfigReader) {}
  var meaning: OutputMeaning { .values }

  func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView?) -> Double {
    let t = values(targets)
    var sum = 0.0
    gradient?.clear()
    for i in 0..<valid * outputs.count / rows {
      let e = Double(outputs[i] - t[i])
      sum += log(cosh(e))
      gradient?[i] = Float(tanh(e))
    }
    return sum
  }
}

/// Compression: so many bits of each mantissa are kept.
final class Truncate: GradientTransform, BoundGradientTransform {
  static let kind = "truncate"
  let mask: UInt32
  let seesWholeGradient = false
  init(_ settings: ConfigReader) throws { mask = ~0 << UInt32(23 - (try settings.int("bits", default: 7, in: 0...23))) }
  func bound(to binding: GradientBinding) -> any BoundGradientTransform { self }
  func rewrite(_ sum: FloatView, at range: Range<Int>, in step: GradientStep) {
    for i in 0..<sum.count { sum[i] = Float(bitPattern: sum[i].bitPattern & mask) }
  }
}

struct SignDescent: Optimizer {
  static let (kind, usualRate) = ("sign-descent", 0.002)
  init(_ settings: ConfigReader) {}
  func state(for layout: ParameterLayout) -> [StateSlot] { [] }
  func prepared(step: Int, rate: Double, decays: Bool) -> Float { Float(rate) }
  func update(_ p: FloatView, state: OptimizerSlice, gradient g: FloatView, scale: Float, _ rate: Float) {
    for i in 0..<p.count where g[i] != 0 { p[i] -= g[i] > 0 ? rate : -rate }
  }
}

lossKinds.add(LogCosh.self)
gradientTransformKinds.add(Truncate.self)
optimizerKinds.add(SignDescent.self)
let yaml =
  "data: two-class\nmodel: [{dense: 16}, relu, {dense: 1}]\nloss: log-cosh\noptimizer: sign-descent\nepochs: 3\n"
  + "gradient-transforms: [truncate, {clip-by-global-norm: 1}]\n"
let code = withMPI { world in
  let configuration = try RunConfiguration(yaml: yaml, name: "descent")
  return try TrainingRun(configuration, output: CommandLine.arguments.dropFirst().first, world: world).train()
}
exit(code)
