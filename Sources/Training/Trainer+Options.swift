import Augmentations
import Kernels
import Layers
import Losses
import Optimizers
import Reduction

extension Trainer {
  /// What a run is, besides its data and its network.
  package struct Options: Sendable {
    package var batch: Int
    package var seed: UInt64
    package var loss: any Loss
    package var optimizer: any Optimizer
    /// Which slots the optimizer's weight decay applies to.
    package var decay: DecayMask
    package var schedule: Schedule
    /// What changes samples at random before they are transformed; nil: nothing does.
    package var augmenter: Augmenter?
    /// What a teacher says of the samples; nil: there is none.
    package var lesson: Lesson?
    /// Slots that are updated otherwise than the others.
    package var groups: [SlotGroup] = []
    /// What the rate of a layer is multiplied by for each one that learns behind it.
    package var layerDecay = 1.0
    /// What happens to a gradient before the update, in order.
    package var gradientTransforms: [any GradientTransform]
    /// Which weights become zeros, and when; nil: none do.
    package var pruning: Pruning?
    /// The decay of the average of the parameters that is kept beside them; nil where there is none.
    package var averageDecay: Double?
    package var reduction: ReductionMethod
    /// How gradients travel; nil: the first kind that serves. The bits are the same.
    package var transport: (any Transport.Type)?
    /// Floats.
    package var bucketSize: Int
    /// Whether they are sent while backward goes on; the bits are the same.
    package var overlap: Overlap
    package var lanes: Int
    /// How many of them share a leaf; nil: whatever turns out to be quickest. The bits are the same.
    package var lanesPerLeaf: Int?
    /// Nanoseconds from which on lanes that share a leaf divide a kernel.
    package var crewGrain = Crew.usualGrain
    /// Whether passes of a step may share packed copies of weights; the bits are the same.
    package var packsWeights = true
    /// Whether fewer of them may work where that turns out to be quicker; the bits are the same.
    package var adaptsLanes: Bool
    /// Whether ranks of one host may use memory that all of them see; the bits are the same.
    package var sharesMemory: Bool
    /// The cores that this rank may use: they decide how lanes wait, and whether a thread of its own gathers samples.
    package var cores: Int

    package init(
      batch: Int, seed: UInt64, loss: any Loss, optimizer: any Optimizer, decay: DecayMask = .all, schedule: Schedule,
      gradientTransforms: [any GradientTransform] = [], averageDecay: Double? = nil,
      reduction: ReductionMethod = .canonical, transport: (any Transport.Type)? = nil,
      bucketSize: Int = GradientReducer.defaultBucketSize, overlap: Overlap = .auto, lanes: Int = 1,
      lanesPerLeaf: Int? = nil, adaptsLanes: Bool = false, sharesMemory: Bool = true, cores: Int = 1
    ) {
      self.batch = batch
      self.seed = seed
      self.loss = loss
      self.optimizer = optimizer
      self.decay = decay
      self.schedule = schedule
      self.gradientTransforms = gradientTransforms
      self.averageDecay = averageDecay
      self.reduction = reduction
      self.transport = transport
      self.bucketSize = bucketSize
      self.overlap = overlap
      self.lanes = lanes
      self.lanesPerLeaf = lanesPerLeaf
      self.adaptsLanes = adaptsLanes
      self.sharesMemory = sharesMemory
      self.cores = cores
    }
  }
}
