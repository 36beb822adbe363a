import Host
import Lockstep

/// What one rank adds up over the measured steps: plain numbers, so that ranks can tell each other.
struct RankFigures: BitwiseCopyable {
  var steps = 0.0
  /// Or tokens.
  var samples = 0.0
  /// By the rank's clock, from a barrier to the end of the last step.
  var seconds = 0.0
  var compute = 0.0
  var communication = 0.0
  /// Lanes for others of their rank.
  var lanes = 0.0
  var waiting = 0.0
  var input = 0.0
  var bytes = 0.0
  var messages = 0.0
  var sharedBytes = 0.0
  var barriers = 0.0
  var allocations = 0.0
  var libraryAllocations = 0.0
  var peakMemory = 0.0

  mutating func add(_ times: Trainer.Times) {
    compute += times.compute + times.update
    communication += times.communication
    lanes += times.lanes
    waiting += times.waiting
    input += times.input
  }

  mutating func take(_ traffic: Traffic, sharedBytes: Int, _ counted: Allocations) {
    bytes = Double(traffic.bytes)
    messages = Double(traffic.messages)
    barriers = Double(traffic.barriers)
    self.sharedBytes = Double(sharedBytes)
    allocations = Double(counted.own)
    libraryAllocations = Double(counted.foreign)
    peakMemory = Double(PeakMemory.bytes)
  }
}

extension RoundResult {
  /// Takes the figures of all ranks, of which this one's are `own`; all ranks call it.
  mutating func take(_ own: RankFigures, _ world: any Communicator, peaks: [Double]) throws {
    self = RoundResult(of: try world.allGather([own]).map { $0[0] }, peaks: peaks, like: self)
  }

  /// The ranks' figures, one rank after the other; what they do not tell is taken from `other`.
  init(of ranks: [RankFigures], peaks: [Double], like other: RoundResult) {
    self = other
    let steps = ranks[0].steps
    func mean(_ figure: KeyPath<RankFigures, Double>) -> Double { total(figure) / Double(ranks.count) }
    func total(_ figure: KeyPath<RankFigures, Double>) -> Double {
      ranks.reduce(0) { $0 + $1[keyPath: figure] } / steps
    }
    func most(_ figure: KeyPath<RankFigures, Double>) -> Double { ranks.map { $0[keyPath: figure] }.max()! }
    samplesPerSecond = ranks[0].samples / most(\.seconds)
    peakFlopsPerSecond = peaks.reduce(0, +) / Double(peaks.count)
    stepSeconds = most(\.seconds) / steps
    computeSeconds = mean(\.compute)
    communicationSeconds = mean(\.communication)
    laneSeconds = mean(\.lanes)
    waitingSeconds = mean(\.waiting)
    inputSeconds = mean(\.input)
    bytesPerStep = total(\.bytes)
    messagesPerStep = total(\.messages)
    sharedBytesPerStep = total(\.sharedBytes)
    barriersPerStep = ranks[0].barriers / steps
    allocationsPerStep = most(\.allocations) / steps
    libraryAllocationsPerStep = most(\.libraryAllocations) / steps
    peakMemoryBytes = Int(most(\.peakMemory))
  }
}
