// One import for a program that trains: the floors below, and the runs defined here.

@_exported import Communication
@_exported import Datasets
@_exported import Diagnostics
@_exported import Layers
@_exported import Metrics
@_exported import Optimizers
@_exported import Reduction
@_exported import Tensors
@_exported import Training

/// The version of this program, as checkpoints note it.
public let lockstepVersion = "0.1.0"
