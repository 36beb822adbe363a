import Diagnostics
import Kernels
import Tensors
import Testing

@testable import Layers

/// Networks that compute with whole numbers of 8 bits, against sums written out.
@Suite struct IntegerPlanTests {
  private func output(_ plan: Plan, _ parameters: FloatView, _ input: [Float]) -> [Float] {
    var lane = plan.makeLane(parameters: parameters, seed: 0)
    lane.integerWeights = plan.makeIntegerWeights(parameters)
    let buffer = FlatBuffer(count: input.count)
    buffer.view.assign(input)
    lane.setInput(buffer.view)
    lane.setMode(.evaluation)
    Kernels.asLane { plan.forward(lane) }
    return lane.output.array
  }

  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    let random = Philox(key: SIMD2(UInt32(seed), 7))
    return (0..<count).map { Float(random.block(stream: 0, index: UInt64($0)).x >> 8) * 0x1p-23 - 1 }
  }

  private func byte(_ x: Float, _ scale: ByteScale) -> Int {
    let nearest = (x / scale.step).rounded(.toNearestOrEven)
    return Int(min(max(nearest, Float(-scale.zero)), Float(255 - scale.zero)))
  }

  /// Windows with strides, gaps and padding of all kinds, where what lies around the picture counts as zero.
  @Test(arguments: [
    (Window(kernel: Plane(3)), 4), (Window(kernel: Plane(1)), 3), (Window(kernel: Plane(1)), 8),
    (Window(kernel: Plane(3), padding: .both(Plane(1))), 5),
    (Window(kernel: Plane(3), stride: Plane(2), padding: .same), 1),
    (Window(kernel: Plane(height: 2, width: 3), stride: Plane(height: 1, width: 2), dilation: Plane(2)), 2),
  ])
  func convolutionsAreSumsOfWholeNumbers(window: Window, channels: Int) throws {
    let (H, W, O, B) = (7, 9, 6, 3)
    let network = Network(input: [H, W, channels]) { Convolution(channels: O, window: window) }
    for scale in [ByteScale(limit: 0.8, isSigned: true), ByteScale(limit: 1, isSigned: false)] {
      let plan = try network.plan(microBatch: B, scales: ["0": scale])
      let parameters = FlatBuffer(count: plan.layout.count)
      parameters.view.assign(numbers(plan.layout.count, seed: 1))
      let x = numbers(B * H * W * channels, seed: 2)
      let found = output(plan, parameters.view, x)
      let weight = parameters.view[plan.layout.slots[0].range].array
      let bias = parameters.view[plan.layout.slots[1].range].array
      let (rounded, steps) = weight.withUnsafeBufferPointer { IntegerWeights.rounded($0, outputs: O) }
      let (plane, before) = (
        window.output(for: Plane(height: H, width: W)), window.padding(for: Plane(height: H, width: W)).before
      )
      var expected: [Float] = []
      for b in 0..<B {
        for p in 0..<plane.height {
          for q in 0..<plane.width {
            for o in 0..<O {
              var sum = 0
              for i in 0..<window.kernel.height {
                for j in 0..<window.kernel.width {
                  let h = p * window.stride.height + i * window.dilation.height - before.height
                  let w = q * window.stride.width + j * window.dilation.width - before.width
                  guard 0..<H ~= h, 0..<W ~= w else { continue }
                  for c in 0..<channels {
                    let place = ((o * channels + c) * window.kernel.height + i) * window.kernel.width + j
                    sum += byte(x[((b * H + h) * W + w) * channels + c], scale) * Int(rounded[place])
                  }
                }
              }
              expected.append(bias[o].addingProduct(Float(sum), steps[o] * scale.step))
            }
          }
        }
      }
      #expect(found == expected, "\(window), \(channels) channels")
    }
  }

  /// Rows of positions, and layers of floats between: what is rounded is near what is not.
  @Test func isNearTheNetworkOfFloats() throws {
    let network = Network(input: [5, 12]) {
      Dense(units: 40)
      ReLU()
      Dense(units: 24, bias: false)
      LayerNorm()
      Dense(units: 8)
    }
    let (floats, paths) = (
      try network.plan(microBatch: 4), try network.integerLayers.layers.map(\.path)
    )
    #expect(paths == ["0", "2", "4"])
    let scales = ByteScales(
      uniqueKeysWithValues: zip(paths, [2, 4, 3]).map { ($0, ByteScale(limit: $1, isSigned: true)) })
    let parameters = FlatBuffer(count: floats.layout.count)
    floats.initialise(parameters.view, seed: 3)
    let x = numbers(4 * 60, seed: 4)
    let (a, b) = (
      output(floats, parameters.view, x), output(try network.plan(microBatch: 4, scales: scales), parameters.view, x)
    )
    // A step of 1/64 and 12 to 40 of them: some hundredths. Equal ones would say that nothing was rounded.
    let worst = zip(a, b).map { abs($0 - $1) }.max()!
    #expect(worst > 1e-4 && worst < 0.1, "\(worst)")
  }

  @Test func aScaleWithoutALayerIsRefused() throws {
    let network = Network(input: [4]) {
      Dense(units: 4)
      ReLU()
    }
    for place in ["1", "7"] {
      let failure = #expect(throws: Failure.self) {
        _ = try network.plan(microBatch: 1, scales: [place: ByteScale(step: 1, zero: 0)])
      }
      #expect(
        failure?.description.contains(
          "model.\(place): expected a dense layer, a convolution or a projection") == true)
    }
  }
}
