extension Trainer {
  /// Where the seconds of a step went.
  public struct Times: Sendable {
    /// Gathering samples.
    public var input = 0.0
    /// Forward and backward.
    public var compute = 0.0
    /// Lanes that waited for others of their rank, the mean over the lanes.
    public var lanes = 0.0
    /// For slower ranks.
    public var waiting = 0.0
    /// Sending and receiving gradients and parameters.
    public var communication = 0.0
    public var update = 0.0
    public init() {}
    /// All of them.
    public var total: Double { input + compute + lanes + waiting + communication + update }
  }

  /// What a rank may ask of all ranks in a step's exchange; where several ask, the greatest counts.
  public enum Request: Int, Sendable {
    /// To go on.
    case goOn
    /// To stop after this step.
    case stop
    /// To come together right after this step: something failed on a rank, which all have to be told.
    case giveUp
  }

  /// What a step tells.
  public struct Report: Sendable {
    /// Its number, epoch and samples.
    public let step: SampleSchedule.Step
    /// The weighted mean over the step's targets; 0 where they weigh nothing.
    public let loss: Double
    /// What the step's targets weigh: the number of its samples, where nothing else is asked for.
    public let weight: Double
    /// The learning rate.
    public let rate: Double
    /// Of the gradient before clipping; nil where no gradient transform takes it.
    public let gradientNorm: Double?
    /// What the ranks asked for; all of them see it at the same step.
    public let request: Request
    /// Where the time went, on this rank.
    public let times: Times
    /// In the step after which a run knows whether to send during backward: what it has measured.
    public let overlap: OverlapChoice.Measured?
    /// On rank zero, in the step after which other lanes work than before.
    public let lanes: LaneChange?
    /// In the step after which a run knows how many lanes had better share a micro-batch: what it has measured.
    public let sharing: SharingReport?
  }
  /// How many lanes share a micro-batch, and how long a step takes so: medians, of the rank where it took longest.
  public struct SharingReport: Equatable, Sendable {
    /// So many lanes, and the seconds of a step.
    public struct Way: Equatable, Sendable {
      public let lanesPerLeaf: Int
      public let seconds: Double
    }
    /// The quickest way, which is kept.
    public let chosen: Way
    /// What it was compared with.
    public let others: [Way]
  }
  /// How many lanes of rank zero work, and seconds of a step with so many.
  public struct LaneChange: Equatable, Sendable {
    /// Lanes that there are.
    public let all: Int
    /// Lanes before.
    public let from: Int
    /// Lanes from now on.
    public let to: Int
    public let before: Double
    public let after: Double
  }
}
