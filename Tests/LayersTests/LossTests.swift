import Goldens
import Layers
import Losses
import Tensors
import Testing

/// Losses, their weights and gradients against PyTorch; see `Tests/Goldens/make-goldens.py`.
@Suite struct LossTests {
  struct Case: Decodable {
    let kind: String
    let samples: Int
    let labelSmoothing: Float?
    let classWeights: [Float]?
    let ignored: Int32?
    let positiveWeight: Float?
    let delta: Float?
    let outputs: [Float]
    let targets: [Float]
    let mean: Double
    let gradient: [Double]

    var loss: any Loss {
      switch kind {
      case CrossEntropyLoss.kind:
        .crossEntropy(
          labelSmoothing: labelSmoothing ?? 0, classWeights: classWeights ?? [], ignored: ignored)
      case BinaryCrossEntropyLoss.kind: .binaryCrossEntropy(positiveWeight: positiveWeight!)
      case MeanSquaredErrorLoss.kind: .meanSquaredError
      case MeanAbsoluteErrorLoss.kind: .meanAbsoluteError
      default: .huber(delta: delta!)
      }
    }
  }

  /// The sum, its gradient and the weight; `absent` samples of any content are put behind the others.
  private func evaluate(
    _ loss: any Loss, _ outputs: [Float], _ targets: [Float], samples: Int, absent: Int = 0
  ) -> (sum: Double, weight: Double, gradient: [Float]) {
    let (width, targetWidth) = (outputs.count / samples, targets.count / samples)
    let logits = buffer(outputs + Array(repeating: 7, count: absent * width))
    let values = buffer(targets + Array(repeating: 1, count: absent * targetWidth))
    let gradient = buffer(logits.view.array.map { _ in .nan })
    return values.view.array.map { Int32($0) }.withUnsafeBufferPointer { classes in
      let targets: Targets = loss.takesClasses ? .classes(classes) : .values(values.view)
      let rows = samples + absent
      let sum = loss.sum(logits.view, targets, rows: rows, valid: samples, gradient: gradient.view)
      let without = loss.sum(logits.view, targets, rows: rows, valid: samples)
      #expect(without == sum || without.isNaN && sum.isNaN, "with and without a gradient")
      let weight = loss.weight(of: targets, rows: rows, valid: samples)
      #expect(gradient.view.array[outputs.count...].allSatisfy { $0 == 0 }, "absent samples")
      return (sum, weight, Array(gradient.view.array[..<outputs.count]))
    }
  }

  /// 1e-6, of numbers of order one: a dozen roundings of floats of 6e-8 each; the sums are made in double.
  @Test func meansAndGradientsArePyTorchs() throws {
    let cases: [Case] = try golden("losses.json")
    #expect(cases.count == 20)
    for test in cases {
      for absent in [0, 2] {
        let (sum, weight, gradient) = evaluate(
          test.loss, test.outputs, test.targets, samples: test.samples, absent: absent)
        #expect(abs(sum / weight - test.mean) < 1e-6, "\(test.loss)")
        #expect(distance(gradient.map { $0 / Float(weight) }, test.gradient) < 1e-6, "\(test.loss)")
      }
    }
  }

  /// Settings that change nothing: the same numbers as without them, to rounding.
  @Test func weightsOfOneAreNone() throws {
    let (outputs, targets) = (uniform(60, 3), (0..<12).map { Float($0 * 7 % 5) })
    let plain = evaluate(.crossEntropy, outputs, targets, samples: 12)
    let ones = evaluate(
      .crossEntropy(classWeights: [1, 1, 1, 1, 1], ignored: -100), outputs, targets, samples: 12)
    #expect(plain.weight == 12 && ones.weight == 12)
    #expect(abs(plain.sum - ones.sum) < 1e-6 && distance(ones.gradient, plain.gradient.map(Double.init)) < 1e-6)
    #expect(plain.gradient.contains { abs($0) > 0.1 })
  }

  /// Where PyTorch's mean is not a number, 0 / 0, the sum, the gradient and the weight are 0.
  @Test func aBatchOfIgnoredTargetsIsNothing() {
    let loss = CrossEntropyLoss(labelSmoothing: 0.1, ignored: -1)
    let (sum, weight, gradient) = evaluate(loss, uniform(15, 3), [-1, -1, -1], samples: 3)
    #expect(sum == 0 && weight == 0 && gradient == Array(repeating: 0, count: 15))
    #expect(loss.ignored == -1 && CrossEntropyLoss().ignored == nil)
  }

  /// A loss that is not finite stops the run: it must come out as such.
  @Test(
    arguments: usualLosses + [.crossEntropy(labelSmoothing: 0.1), .binaryCrossEntropy(positiveWeight: 2)])
  func aNaNAnywhereMakesTheLossNaN(loss: any Loss) {
    for place in 0..<20 {
      var outputs = uniform(20, 1)
      outputs[place] = .nan
      let targets = loss.takesClasses ? [2] : uniform(20, 1, stream: 1)
      #expect(evaluate(loss, outputs, targets, samples: 1).sum.isNaN, "\(place)")
    }
  }

  /// Central differences over every setting, as for the layers; those of |e|, whose kink parameters step over, are below.
  @Test(
    arguments: [
      .crossEntropy(labelSmoothing: 0.2), .crossEntropy(classWeights: [0.5, 2, 1]),
      .crossEntropy(labelSmoothing: 0.3, classWeights: [0.5, 2, 1], ignored: 1),
      .binaryCrossEntropy(positiveWeight: 4), .huber(delta: 0.5),
    ] as [any Loss])
  func backwardIsTheDerivativeOfTheLoss(loss: any Loss) throws {
    let network = Network(input: [4], layers: [Dense(units: 3)])
    let mistakes = try GradientCheck(network, loss: loss).mistakes()
    #expect(mistakes.isEmpty)
  }

  /// The sign of the error, a third of it for three outputs, and nothing where there is none.
  @Test func theGradientOfAnAbsoluteErrorIsItsSign() {
    let (sum, weight, gradient) = evaluate(
      .meanAbsoluteError, [3, -1, 0.5, 2, 2, -7], [1, 1, 0.5, 2.5, 1, -7.5], samples: 2)
    #expect(abs(sum - 2) < 1e-12 && weight == 2)
    #expect(gradient == [1, -1, 0, -1, 1, 1].map { $0 * (1 / Float(3)) })
  }

  /// By hand: what lies above a target costs (1 - q) of the error, below it q; and the gradient is the slope.
  @Test func quantilesOfTwoTargets() {
    let loss = QuantileLoss(quantiles: [0.25, 0.75])
    let (sum, weight, gradient) = evaluate(
      loss, [0, 3, 1, 1, /**/ 4, 2, -1, 5], [2, 1, /**/ 2, 2], samples: 2, absent: 1)
    // 2·¼ + 1·¼ + 0 + 0, and 2·¾ + 0 + 3·¼ + 3·¼, a fourth each.
    #expect(abs(sum - (0.75 + 0) / 4 - (1.5 + 0 + 0.75 + 0.75) / 4) < 1e-12 && weight == 2, "\(sum)")
    #expect(gradient == [-0.25, 0.25, 0, 0, 0.75, 0, -0.25, 0.25].map { $0 / 4 })
    let outputs = buffer([3, 1, 2, 2])
    loss.activate(outputs.view, columns: 4)
    #expect(outputs.view.array == [1, 3, 2, 2], "quantiles do not cross")
    #expect(QuantileLoss(quantiles: [0.1, 0.4, 0.6]).outputNames == ["quantile 0.1", nil, "quantile 0.6"])
    #expect(QuantileLoss().points(buffer([1, 2, 3, 6, 5, 4]).view).array == [2, 5])
  }
}
