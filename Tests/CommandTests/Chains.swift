import TestSupport
import Testing

// Each suite tries its tests one after the other, and the six run beside each other: all should end at about the same time.

/// The built command given what it has to refuse or to tell, mostly as one process.
@Suite(.serialized, .waiting) struct CommandTests {}

/// The built command as it trains and evaluates, mostly under `mpirun`.
@Suite(.serialized, .waiting) struct TrainingCommandTests {}

/// The built command as it measures, and as it notices what ranks have otherwise than others.
@Suite(.serialized, .waiting) struct ComparingCommandTests {}

/// The built command as processes that are stopped, killed or cut off.
@Suite(.serialized, .waiting) struct DisturbedCommandTests {}

/// The same under `lockstep launch`.
@Suite(.serialized, .waiting) struct SupervisedCommandTests {}

/// And as that itself is stopped, or loses hosts.
@Suite(.serialized, .waiting) struct StoppedCommandTests {}
