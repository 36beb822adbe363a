import Communication
import Diagnostics
import Kernels
import Tensors
import Training

/// The proof that all hosts compute the same bits, each with the vectors that its processor has.
package enum BitCompatibility {
  /// Chooses this host's instruction set, at most `choice` where that is one of its own, and compares the programs and a probe's
  /// digests.
  ///
  /// All ranks call it. Throws unavailable (69) where a host computes other bits than others.
  package static func establish(
    _ world: any Communicator, choice: RunConfiguration.InstructionSetChoice?
  ) throws -> InstructionSet {
    if world.size > 1 { try ProgramIdentity.requireSame(world) }
    let asked = choice.flatMap { InstructionSet(rawValue: $0.rawValue) }
    let path = asked.flatMap { $0.isHere ? $0 : nil } ?? .ofThisProcessor
    path.use()
    try compareProbes(world)
    return path
  }

  private static func compareProbes(_ world: any Communicator) throws {
    let probes = try world.allGather(world.agree { try Kernels.asLane { try probe() }.hex })
    try requireSame(probes, hosts: try world.allGather(world.host))
  }

  /// Throws where a rank's digest is not that of the others.
  static func requireSame(_ probes: [String], hosts: [String]) throws {
    try Disagreement.refuse(probes, hosts: hosts) { odd, usual in
      Failure(
        .unavailable, "\(hosts[odd]) computes other bits than \(hosts[usual])",
        cure: "audit both with lockstep audit, and leave out the one that errs")
    }
  }

  /// The digest of products, a convolution's passes and each kind of loop, on numbers that are the same everywhere, computed as a
  /// lane computes.
  private static func probe() throws -> Digest {
    let random = Philox(key: SIMD2(1, 2))
    let (rows, inner, columns) = (37, 1029, 53)
    func filled(_ count: Int, _ stream: UInt64) -> FlatBuffer {
      let buffer = FlatBuffer(count: count)
      for index in 0..<count {
        buffer.view[index] = Float(2 * random.block(stream: stream, index: UInt64(index)).x.unitInterval - 1)
      }
      return buffer
    }
    let (a, b) = (filled(rows * inner, 1), filled(inner * columns, 2))
    let (c, d) = (FlatBuffer(count: rows * columns), FlatBuffer(count: rows * inner))
    let (A, B) = (Matrix(a.view, rows: rows, columns: inner), Matrix(b.view, rows: inner, columns: columns))
    let C = Matrix(c.view, rows: rows, columns: columns)
    Kernels.multiply(A, B, into: C)
    Kernels.multiply(C, B.transposed, into: Matrix(d.view, rows: rows, columns: inner))
    Kernels.multiply(A.transposed, C, into: B)
    Kernels.forward(.tanh, c.view, into: c.view)
    Kernels.softmax(c.view, columns: columns, into: c.view)
    let shape = ConvolutionShape(
      samples: 2, input: Plane(9), inputChannels: 16, outputChannels: 16, window: Window(kernel: Plane(3)))
    let kernel = ConvolutionKernel(shape)
    let (x, weight) = (filled(shape.inputCount, 3), filled(shape.weightCount, 4))
    let (bias, scratch) = (filled(shape.outputChannels, 5), FlatBuffer(count: kernel.scratchCount))
    let (y, dweight) = (FlatBuffer(count: shape.outputCount), FlatBuffer(count: shape.weightCount))
    let (inputs, outputs) = (TensorView.float32(x.view), TensorView.float32(y.view))
    kernel.forward(inputs, weight: weight.view, bias: bias.view, into: outputs, scratch: scratch.view)
    kernel.backwardWeights(inputs, outputs, weight: dweight.view, bias: bias.view, scratch: scratch.view)
    kernel.backwardData(outputs, weight: weight.view, into: inputs, scratch: scratch.view)
    let results = [b, c, d, y, dweight, x]
    return withExtendedLifetime(results) {
      Digest(of: results.map { Digest(of: UnsafeRawBufferPointer($0.view.bytes)).hex }.joined())
    }
  }
}
