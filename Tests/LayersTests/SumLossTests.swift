import Kernels
import Losses
import Tensors
import Testing

/// A weighted sum of losses, one for each of several targets.
@Suite struct SumLossTests {
  static let parts = [
    OutputPart(name: "worth", classes: nil, range: 0..<1, scale: 2, offset: 0.5),
    OutputPart(name: "colour", classes: ["red", "green", "blue"], range: 1..<4),
    OutputPart(name: "bought", classes: ["no", "yes"], range: 4..<6),
  ]

  /// Four samples of six outputs, and three targets.
  private let outputs = uniform(24, 1, stream: 7)
  private let targets: [Float] = [1.5, 2, 0, -0.5, 0, 1, 0.75, 1, 1, 3, 2, 0]

  private func bound(_ loss: SumLoss) throws -> any Loss { try #require(try loss.bound(to: Self.parts)) }

  private func sum(_ loss: any Loss, _ outputs: [Float], valid: Int = 4, gradient: FloatView? = nil) -> Double {
    loss.sum(buffer(outputs).view, .values(buffer(targets).view), rows: 4, valid: valid, gradient: gradient)
  }

  /// By the losses themselves, on each part alone; numbers in deviations.
  @Test(arguments: [4, 3])
  func itIsTheSumOfItsParts(valid: Int) throws {
    let losses: [any Loss] = [.huber(), .crossEntropy, .crossEntropy(labelSmoothing: 0.1)]
    let loss = try bound(SumLoss(losses, weights: [0.5, 1, 3]))
    var expected = 0.0
    for (number, part) in Self.parts.enumerated() {
      let own = (0..<4).flatMap { row in part.range.map { (outputs[row * 6 + $0] - part.offset) / part.scale } }
      let truths = (0..<4).map { targets[$0 * 3 + number] }
      let classes = truths.map { Int32($0) }
      let value = classes.withUnsafeBufferPointer { classes in
        losses[number].sum(
          buffer(own).view,
          part.classes == nil
            ? .values(buffer(truths.map { ($0 - part.offset) / part.scale }).view) : .classes(classes), rows: 4,
          valid: valid)
      }
      expected += [0.5, 1, 3][number] * value
    }
    #expect(sum(loss, outputs, valid: valid) == expected)
    #expect(loss.weight(of: .values(buffer(targets).view), rows: 4, valid: valid) == Double(valid))
  }

  /// Central differences; their error is about 2⁻²⁴ / 2⁻⁷ of the sum, and 2⁻¹⁴ / 6 of a third derivative of about one.
  @Test func itsGradientIsItsDerivative() throws {
    let loss = try bound(SumLoss(weights: [2, 1, 0.5]))
    expectSlope(of: loss, at: outputs) { $0 >= 18 }
  }

  /// Expects the gradient of three samples to be the slope of their loss at the outputs, and 0 at the places that `isZero` tells.
  private func expectSlope(of loss: any Loss, at outputs: [Float], isZero: (Int) -> Bool) {
    let gradient = FlatBuffer(count: outputs.count)
    for index in outputs.indices { gradient.view[index] = .nan }
    _ = sum(loss, outputs, valid: 3, gradient: gradient.view)
    for index in outputs.indices {
      func shifted(_ step: Float) -> Double {
        var outputs = outputs
        outputs[index] += step
        return sum(loss, outputs, valid: 3)
      }
      let difference = (shifted(0x1p-7) - shifted(-0x1p-7)) / 0x1p-6
      #expect(abs(Double(gradient.view[index]) - difference) < 2e-4, "\(index)")
      if isZero(index) { #expect(gradient.view[index] == 0) }
    }
  }

  /// Quantiles, classes that weigh or are ignored, and two classes by one output: each as it is alone, and the slope of the sum.
  @Test func eachPartHasAnyLossThatFits() throws {
    let losses: [any Loss] = [
      .quantile([0.25, 0.5, 0.75]), .crossEntropy(labelSmoothing: 0.1, classWeights: [1, 2, 0.5], ignored: 1),
      .binaryCrossEntropy(positiveWeight: 3),
    ]
    let loss = try bound(SumLoss(losses, weights: [1, 0.5, 2]))
    #expect(loss.parts.map(\.range) == [0..<3, 3..<6, 6..<7] && loss.parts.map(\.isBinary) == [false, false, true])
    #expect(
      loss.parts.flatMap(\.outputNames) == [
        "worth quantile 0.25", "worth", "worth quantile 0.75", "probability of red of colour",
        "probability of green of colour", "probability of blue of colour", "probability of yes of bought",
      ])
    let outputs = uniform(28, 1, stream: 8)
    func column(_ number: Int) -> [Float] { (0..<4).map { targets[$0 * 3 + number] } }
    func own(_ range: Range<Int>) -> [Float] { (0..<4).flatMap { row in range.map { outputs[row * 7 + $0] } } }
    func deviations(_ numbers: [Float]) -> FloatView { buffer(numbers.map { ($0 - 0.5) / 2 }).view }
    let classes = column(1).map { Int32($0) }
    let alone = classes.withUnsafeBufferPointer { classes in
      [
        losses[0].sum(deviations(own(0..<3)), .values(deviations(column(0))), rows: 4, valid: 3),
        losses[1].sum(buffer(own(3..<6)).view, .classes(classes), rows: 4, valid: 3),
        losses[2].sum(buffer(own(6..<7)).view, .values(buffer(column(2)).view), rows: 4, valid: 3),
      ]
    }
    #expect(sum(loss, outputs, valid: 3) == alone[0] + 0.5 * alone[1] + 2 * alone[2])
    // The third sample's class is ignored; the last sample is none.
    expectSlope(of: loss, at: outputs) { $0 >= 21 || (3..<6).contains($0 % 7) && targets[$0 / 7 * 3 + 1] == 1 }
    let shown = buffer(outputs)
    loss.activate(shown.view, columns: 7)
    for row in 0..<4 {
      let own = shown.view[row * 7..<row * 7 + 7].array
      #expect(own[0] <= own[1] && own[1] <= own[2] && abs(own[3..<6].reduce(0, +) - 1) < 1e-6)
      #expect((0...1).contains(own[6]))
    }
  }

  @Test func scoresOfClassesBecomeProbabilities() throws {
    let shown = buffer(outputs)
    try bound(SumLoss()).activate(shown.view, columns: 6)
    for row in 0..<4 {
      let own = shown.view[row * 6..<row * 6 + 6].array
      #expect(own[0] == outputs[row * 6])
      for part in [own[1..<4], own[4..<6]] { #expect(abs(part.reduce(0, +) - 1) < 1e-6) }
    }
  }

  @Test func whatDoesNotFit() {
    let cases: [(SumLoss, [OutputPart], String)] = [
      (SumLoss(), [], "expected several targets, each with its kind, found targets of one kind"),
      (SumLoss([.crossEntropy]), Self.parts, "expected as many losses as targets (worth, colour, bought), found 1"),
      (SumLoss(weights: [1]), Self.parts, "expected as many weights as targets (worth, colour, bought), found 1"),
      (
        SumLoss([.crossEntropy, .huber(), .crossEntropy]), Self.parts,
        "expected a loss for numbers, as 'worth' is, found cross-entropy"
      ),
      (
        SumLoss([.huber(), .huber(), .crossEntropy]), Self.parts,
        "expected a loss for classes, as 'colour' is, found huber"
      ),
      (
        SumLoss([.huber(), .binaryCrossEntropy, .crossEntropy]), Self.parts,
        "expected two classes for binary-cross-entropy, found 3 of 'colour'"
      ),
      (
        SumLoss([.binaryCrossEntropy, .crossEntropy, .crossEntropy]), Self.parts,
        "expected a loss for numbers, as 'worth' is, found binary-cross-entropy"
      ),
      (
        SumLoss([.huber(), .crossEntropy, .crossEntropy(classWeights: [1, 2, 3])]), Self.parts,
        "expected a class weight for each of 2 classes of 'bought', found 3"
      ),
      (
        SumLoss([.huber(), .crossEntropy(ignored: 3), .crossEntropy]), Self.parts,
        "expected a class of 'colour' to ignore, by its place in 0..<3, found 3"
      ),
      (
        SumLoss([SumLoss(), .crossEntropy, .crossEntropy]), Self.parts,
        "expected a loss of one target for 'worth', found sum"
      ),
    ]
    for (loss, parts, message) in cases {
      do {
        _ = try loss.bound(to: parts)
        Issue.record("expected: \(message)")
      } catch { #expect("\(error)" == message) }
    }
  }
}
