import Layers
import Optimizers
import Reduction

extension Trainer {
  /// What a run is, besides its data and its network.
  public struct Options: Sendable {
    public var batch: Int
    public var seed: UInt64
    public var loss: Loss
    public var optimizer: Optimizer
    public var schedule: Schedule
    /// The largest global norm of a gradient; nil where it is not clipped.
    public var clipNorm: Double?
    public var reduction: ReductionMethod
    /// Floats.
    public var bucketSize: Int
    public var lanes: Int
    /// Whether ranks of one host may use memory that all of them see; the bits are the same.
    public var sharesMemory: Bool
    /// The cores that this rank may use: they decide how lanes wait, and whether a thread of its own gathers samples.
    public var cores: Int

    public init(
      batch: Int, seed: UInt64, loss: Loss, optimizer: Optimizer, schedule: Schedule, clipNorm: Double? = nil,
      reduction: ReductionMethod = .canonical, bucketSize: Int = 1 << 20, lanes: Int = 1,
      sharesMemory: Bool = true, cores: Int = 1
    ) {
      self.batch = batch
      self.seed = seed
      self.loss = loss
      self.optimizer = optimizer
      self.schedule = schedule
      self.clipNorm = clipNorm
      self.reduction = reduction
      self.bucketSize = bucketSize
      self.lanes = lanes
      self.sharesMemory = sharesMemory
      self.cores = cores
    }
  }
}
