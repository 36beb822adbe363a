import Datasets
import Kernels
import Layers
import Losses
import Tensors
import Testing

@testable import Training

/// What inputs of layers are rounded by.
@Suite struct InputRangeTests {
  /// Even numbers need their whole range; of a few far ones, none of it is worth it.
  @Test func theLimitHasTheLeastSquaredError() {
    #expect(InputRanges.bestBins([Int](repeating: 10, count: 4096), isSigned: true) > 3900)
    var tail = [Int](repeating: 0, count: 4096)
    for bin in 0..<300 { tail[bin] = 100_000 }
    tail[4095] = 1
    let narrow = InputRanges.bestBins(tail, isSigned: true)
    #expect(narrow < 1200, "\(narrow)")
    tail[4095] = 1_000_000
    #expect(InputRanges.bestBins(tail, isSigned: true) > 3900)
  }

  /// Behind a rectifier no byte is spent on numbers below zero; the input of the first layer has both signs.
  @Test func signsAreSeen() throws {
    let plan = try Network(input: [2]) {
      Dense(units: 8)
      ReLU()
      Dense(units: 2)
    }.plan(microBatch: 8)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 1)
    func scales(_ samples: [Int]) -> ByteScales {
      let data = Dataset.twoClass(count: 96, seed: 1, part: .test)
      return InputRanges(
        ["0", "2"], of: plan, parameters.view, loss: .crossEntropy, dataset: data, samples: samples
      ).scales().scales
    }
    let all = scales(Array(0..<96))
    #expect(all["0"]?.zero == 128 && all["2"]?.zero == 0)
    // An incomplete micro-batch counts its own samples alone: those before are left in memory.
    #expect(scales(Array(0..<8) + [3]) == scales(Array(0..<8)))
    #expect(scales([5]) != all)
  }

  @Test func whatIsNoNumberIsNamed() throws {
    let plan = try Network(input: [2]) {
      Dense(units: 3)
      Dense(units: 2)
    }.plan(microBatch: 8)
    let parameters = FlatBuffer(count: plan.layout.count)
    parameters.view[0] = .infinity
    let data = Dataset.twoClass(count: 8, seed: 1, part: .test)
    let found = InputRanges(
      ["0", "1"], of: plan, parameters.view, loss: .crossEntropy, dataset: data, samples: [0, 1]
    ).scales()
    #expect(found.unusable == "1" && found.scales.isEmpty)
  }
}
