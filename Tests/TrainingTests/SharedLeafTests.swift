import Communication
import Datasets
import Kernels
import Layers
import Losses
import Optimizers
import Synchronization
import Tensors
import Testing

@testable import Training

/// Lanes that share a leaf: the same bits as lanes that share none, and as one lane.
@Suite struct SharedLeafTests {
  /// A network, what it learns from, and its micro-batch.
  struct Work: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let network: Network
    let data: Dataset
    let microBatch: Int
  }

  /// Everything that is divided: products, convolutions of all sorts, normalisations, attention, pools, dropout.
  static let works = [
    Work(
      testDescription: "mlp", network: LockstepTests.network,
      data: LockstepTests.data,
      microBatch: 8),
    Work(
      testDescription: "cnn",
      network: Network(input: [14, 14, 3]) {
        Convolution(channels: 32, window: Window(kernel: Plane(3), padding: .both(Plane(1))))
        BatchNorm()
        ReLU()
        Convolution(channels: 32, window: Window(kernel: Plane(3)))
        MaxPool(Window(kernel: Plane(2), stride: Plane(2)))
        Convolution(channels: 32, window: Window(kernel: Plane(3), stride: Plane(2)), groups: 32)
        Convolution(channels: 18, window: Window(kernel: Plane(2), padding: .both(Plane(1))))
        AveragePool(Window(kernel: Plane(2), stride: Plane(2)))
        Flatten()
        Dense(units: 5)
      }, data: Dataset.noise(shape: [14, 14, 3], classes: 5, count: 22, seed: 1), microBatch: 3),
    Work(
      testDescription: "gpt",
      network: Network(input: [24]) {
        Embedding(vocabulary: 19, width: 32)
        Positions()
        Residual {
          LayerNorm()
          MultiHeadAttention(heads: 2, causal: true)
          Dropout(rate: 0.1)
        }
        Residual {
          LayerNorm()
          Dense(units: 80)
          GELU(approximation: .tanh)
          Dense(units: 32)
        }
        LayerNorm()
        Dense(units: 19)
      }, data: Dataset.noiseText(vocabulary: 19, length: 24, count: 22, seed: 2), microBatch: 2),
  ]

  static func digest(
    _ work: Work, ranks: Int = 1, lanes: Int = 1, perLeaf: Int? = 1, batch: Int, steps: Int = 6, cores: Int? = nil,
    sharesMemory: Bool = true, overlap: Overlap = .auto, precision: NumberFormat = .float32,
    body: @escaping @Sendable (Trainer, Trainer.Report) throws -> Void = { _, _ in }
  ) throws -> [String] {
    try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) { world in
      var options = Trainer.Options(
        batch: batch, seed: 3, loss: .crossEntropy, optimizer: .adam(),
        schedule: Schedule(rate: 0.01, steps: steps), bucketSize: 1024, overlap: overlap, lanes: lanes,
        lanesPerLeaf: perLeaf, cores: cores ?? 1)
      options.crewGrain = 1
      let trainer = try Trainer(
        plan: try work.network.plan(microBatch: work.microBatch, precision: precision), dataset: work.data,
        options: options, world: world)
      var text = ""
      for _ in 0..<steps {
        let report = try trainer.runStep()
        text += "\(report.loss) "
        try body(trainer, report)
      }
      return text + Digest(of: trainer.parameters, layout: trainer.plan.layout).hex
    }
  }

  /// Batches of one micro-batch, of three, and of seven of which the last is shorter.
  @Test(arguments: works, 1...4)
  func sameBitsForAnyNumberOfLanesPerLeaf(work: Work, lanes: Int) throws {
    try expectSameBits(work, lanes: lanes, .float32, leaves: [1, 3, 7])
  }

  @Test(arguments: works, [2, 4])
  func sameBitsInBFloat16(work: Work, lanes: Int) throws {
    try expectSameBits(work, lanes: lanes, .bfloat16, leaves: [1, 3])
  }

  private func expectSameBits(_ work: Work, lanes: Int, _ precision: NumberFormat, leaves: [Int]) throws {
    for leaves in leaves {
      let batch = leaves * work.microBatch
      let expected = try Self.digest(work, batch: batch, precision: precision)[0]
      for perLeaf in 1...4 where perLeaf <= lanes {
        for ranks in 1...3 {
          let found = try Self.digest(
            work, ranks: ranks, lanes: lanes, perLeaf: perLeaf, batch: batch, precision: precision)
          #expect(Set(found) == [expected], "\(leaves) leaves, \(ranks) ranks × \(lanes) lanes, \(perLeaf) a leaf")
        }
      }
    }
  }

  /// Buckets that the first crew's leader sends while its members help it.
  @Test(arguments: works, 1...3)
  func sendingDuringBackwardKeepsTheBits(work: Work, ranks: Int) throws {
    let expected = try Self.digest(work, batch: 6 * work.microBatch)[0]
    for (lanes, perLeaf) in [(2, 2), (4, 2), (3, 2)] {
      let found = try Self.digest(
        work, ranks: ranks, lanes: lanes, perLeaf: perLeaf, batch: 6 * work.microBatch, sharesMemory: false,
        overlap: .always)
      #expect(Set(found) == [expected], "\(lanes) lanes, \(perLeaf) a leaf")
    }
  }

  /// The ways take turns, and the one that is kept is told once, on every rank the same.
  @Test(arguments: 1...3)
  func theFirstStepsFindOut(ranks: Int) throws {
    let work = Self.works[0]
    let (lanes, steps) = (4, 40)
    let expected = try Self.digest(work, batch: 48, steps: steps)[0]
    let told = Mutex<[Int]>([])
    let digests = try Self.digest(work, ranks: ranks, lanes: lanes, perLeaf: nil, batch: 48, steps: steps) {
      trainer, report in
      if let sharing = report.sharing {
        told.withLock { $0.append(sharing.chosen.lanesPerLeaf) }
        #expect(Set(sharing.others.map(\.lanesPerLeaf) + [sharing.chosen.lanesPerLeaf]) == [1, 2, 4])
        #expect(sharing.others.allSatisfy { $0.seconds >= sharing.chosen.seconds })
        #expect(!trainer.isTrying || trainer.overlap.isTrying)
      }
    }
    #expect(Set(digests) == [expected])
    let chosen = told.withLock { $0 }
    #expect(chosen.count == ranks && Set(chosen).count == 1)
  }

  /// A batch without enough leaves wants no gradient of lanes that have none.
  @Test func crewsHaveGradientsAndLanesHaveNot() throws {
    let work = Self.works[0]
    func gradients(lanes: Int, perLeaf: Int?, leaves: Int) throws -> [Int] {
      try LocalWorld.run(ranks: 1) { world in
        let trainer = try Trainer(
          plan: try work.network.plan(microBatch: 8), dataset: work.data,
          options: .init(
            batch: 8 * leaves, seed: 3, loss: .crossEntropy, optimizer: .sgd(),
            schedule: Schedule(rate: 0.01, steps: 1), lanes: lanes, lanesPerLeaf: perLeaf), world: world)
        return trainer.boxes.map(\.buffers.count)
      }[0]
    }
    #expect(try gradients(lanes: 4, perLeaf: 1, leaves: 4) == [1, 1, 1, 1])
    #expect(try gradients(lanes: 4, perLeaf: 2, leaves: 4) == [1, 1])
    #expect(try gradients(lanes: 4, perLeaf: 4, leaves: 4) == [2])
    #expect(try gradients(lanes: 4, perLeaf: nil, leaves: 1) == [1])
    #expect(try gradients(lanes: 4, perLeaf: 1, leaves: 1) == [1])
    #expect(try gradients(lanes: 64, perLeaf: nil, leaves: 2) == [1, 1])
  }
}

/// Which lanes stand together.
@Suite struct FormationTests {
  private func shares(_ lanes: Int, _ perLeaf: Int, _ leaves: Int) -> [Range<Int>] {
    Formation(
      lanes: lanes, perLeaf: perLeaf, leaves: leaves, seats: (0..<lanes).map { _ in Seat(patience: 0) }, grain: 1
    ).shares
  }

  @Test func crewsAreAsLargeAsTheyMayBe() {
    #expect(shares(1, 1, 1) == [0..<1])
    #expect(shares(2, 2, 5) == [0..<2])
    #expect(shares(4, 2, 5) == [0..<2, 2..<4])
    #expect(shares(6, 4, 5) == [0..<3, 3..<6])
    #expect(shares(3, 2, 5).map(\.count).sorted() == [1, 2])
    #expect(shares(4, 1, 5) == [0..<1, 1..<2, 2..<3, 3..<4])
  }

  @Test func thereAreNoMoreCrewsThanLeaves() {
    #expect(shares(4, 1, 1) == [0..<1])
    #expect(shares(4, 2, 1) == [0..<2])
    #expect(shares(64, 64, 3) == [0..<64])
    #expect(shares(64, 16, 3).map(\.count) == [16, 16, 16])
    #expect(shares(4, 4, 0) == [0..<4])
  }

  @Test func everyLaneIsAskedOnce() {
    for lanes in 1...9 {
      for perLeaf in 1...9 {
        for leaves in 0...9 {
          let found = shares(lanes, perLeaf, leaves)
          #expect(found.allSatisfy { !$0.isEmpty && $0.count <= perLeaf }, "\(lanes), \(perLeaf), \(leaves)")
          #expect(found.first!.lowerBound == 0 && found.last!.upperBound <= lanes)
          #expect(zip(found, found.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        }
      }
    }
  }
}

/// Which way of sharing leaves is kept.
@Suite struct LeafSharingTests {
  /// Steps that take so long with 1, 2, 4, … lanes a leaf, a rank; what was kept.
  private func choose(_ wish: [Int?], lanes: [Int], leaves: [Int], seconds: [[Int: Double]]) throws -> [[Int]] {
    try LocalWorld.run(ranks: lanes.count) { world in
      let rank = world.rank
      var sharing = try LeafSharing(wish[rank], lanes: lanes[rank], leaves: leaves[rank], world)
      let first = sharing.ways[sharing.way]
      var told = 0
      for step in 0..<100 {
        // The first steps are slow, and count for nothing.
        let way = sharing.ways[sharing.way]
        let report = try sharing.note(step < 2 ? 100 : seconds[rank][way] ?? 9, isWhole: true, in: world)
        if let report {
          told += 1
          #expect(report.chosen.lanesPerLeaf == sharing.ways[sharing.way])
          #expect(report.others.count == sharing.ways.count - 1)
        }
      }
      #expect(told == (sharing.ways.count > 1 ? 1 : 0) && !sharing.isTrying)
      return [first, sharing.ways[sharing.way], sharing.ways.count]
    }
  }

  @Test func theQuickestOfTheSlowestRankIsKept() throws {
    #expect(try choose([nil], lanes: [1], leaves: [4], seconds: [[:]]) == [[1, 1, 1]])
    #expect(try choose([nil], lanes: [2], leaves: [4], seconds: [[1: 1, 2: 2]]) == [[1, 1, 2]])
    #expect(try choose([nil], lanes: [2], leaves: [4], seconds: [[1: 2, 2: 1]]) == [[1, 2, 2]])
    #expect(try choose([nil], lanes: [2], leaves: [1], seconds: [[1: 1, 2: 2]]) == [[2, 1, 2]])
    #expect(try choose([nil], lanes: [6], leaves: [3], seconds: [[4: 2, 6: 1]]) == [[2, 6, 4]])
    #expect(
      try choose([nil, nil], lanes: [2, 4], leaves: [2, 1], seconds: [[1: 1, 2: 3, 4: 5], [1: 9, 2: 4, 4: 6]])
        == [[4, 2, 3], [4, 2, 3]])
  }

  @Test func aWishIsNoTrial() throws {
    #expect(try choose([3], lanes: [4], leaves: [4], seconds: [[:]]) == [[3, 3, 1]])
    #expect(
      try choose([2, nil], lanes: [4, 4], leaves: [4, 4], seconds: [[:], [:]]) == [[2, 2, 1], [2, 2, 1]])
  }
}
