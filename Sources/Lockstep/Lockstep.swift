// One import for a program that trains: the floors below, and the runs defined here.

@_exported import Communication
@_exported import Configuration
@_exported import Datasets
@_exported import Diagnostics
@_exported import Layers
@_exported import Losses
@_exported import Metrics
@_exported import Optimizers
@_exported import Reduction
@_exported import Sources
@_exported import Tensors
@_exported import Training
@_exported import Transforms
@_exported import Writers

/// The version of this program, as checkpoints note it.
public let lockstepVersion = "0.1.0"
