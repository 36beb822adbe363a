import Communication
import Diagnostics
import Kernels
import Tensors
import Training

/// Agreement of all hosts on one instruction set path, and the proof that their bits are the same.
package enum BitCompatibility {
  /// Caps the matrix products with the lowest path of all hosts, or with `choice`, and compares the programs and a
  /// probe's digests.
  ///
  /// All ranks call it, before any product. Throws unavailable (69) where a host cannot compute as asked.
  package static func establish(
    _ world: any Communicator, choice: RunConfiguration.InstructionSetChoice?
  ) throws -> InstructionSet {
    if world.size > 1 { try ProgramIdentity.requireSame(world) }
    let here = InstructionSet.ofThisProcessor
    let names = try world.allGather(here.rawValue)
    let common = names.compactMap(InstructionSet.init(rawValue:)).min()!
    let path = choice.flatMap { InstructionSet(rawValue: $0.rawValue) } ?? common
    try world.agree {
      guard path <= here else {
        throw Failure(
          .unavailable, "expected instruction set \(path.rawValue), found \(here.rawValue)",
          cure: "leave this host out, or set instruction-set: \(common.rawValue)")
      }
      try path.use()
    }
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
        cure: "give both the same oneDNN (\(Kernels.oneDNNVersion) here), or leave one out")
    }
  }

  /// The digest of a product, a convolution and each kind of loop, on numbers that are the same everywhere.
  ///
  /// Computed as a lane computes, on one thread: with AVX2 the bits of a product depend on how many threads share it,
  /// and hosts differ in their cores. The inner extent is longer than any block that oneDNN cuts it into.
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
    let c = FlatBuffer(count: rows * columns)
    Kernels.multiply(
      Matrix(a.view, rows: rows, columns: inner), Matrix(b.view, rows: inner, columns: columns),
      into: Matrix(c.view, rows: rows, columns: columns))
    Kernels.forward(.tanh, c.view, into: c.view)
    Kernels.softmax(c.view, columns: columns, into: c.view)
    let shape = ConvolutionShape(
      samples: 2, input: Plane(9), inputChannels: 16, outputChannels: 16, window: Window(kernel: Plane(3)))
    let kernel = try ConvolutionKernel(shape)
    let (x, weight) = (filled(shape.inputCount, 3), filled(shape.weightCount, 4))
    let (bias, scratch) = (filled(shape.outputChannels, 5), FlatBuffer(count: kernel.scratchCount))
    ConvolutionWorker(kernel).forward(
      x.view, weight: weight.view, bias: bias.view, into: c.view[0..<shape.outputCount], scratch: scratch.view)
    return withExtendedLifetime(c) { Digest(of: UnsafeRawBufferPointer(c.view.bytes)) }
  }
}
