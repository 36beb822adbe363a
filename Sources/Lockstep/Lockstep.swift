// One import for a program that trains: the runs defined here, and of the floors below what they make public, which is what
// the examples and the articles need. What rooms have for each other is `package`.

@_exported import Augmentations
@_exported import Communication
@_exported import Configuration
@_exported import Datasets
@_exported import Diagnostics
@_exported import Exports
@_exported import Formats
@_exported import Judging
@_exported import Layers
@_exported import Losses
@_exported import Metrics
@_exported import Optimizers
@_exported import Preparation
@_exported import Reduction
@_exported import Sources
@_exported import Tables
@_exported import Tensors
@_exported import Training
@_exported import Transforms
@_exported import Writers

/// The version of this program, as checkpoints note it.
public let lockstepVersion = "0.1.0"
