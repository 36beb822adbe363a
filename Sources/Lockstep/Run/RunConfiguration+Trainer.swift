import Optimizers
import Tensors
import Training

extension RunConfiguration {
  /// What a trainer is told, for so many samples and cores of a rank.
  package func trainerOptions(samples: Int, cores: Int) -> Trainer.Options {
    let samples = SampleSchedule(samples: samples, batch: batch, microBatch: microBatch, seed: seed)
    var options = Trainer.Options(
      batch: batch, seed: seed, loss: loss, optimizer: optimizer, decay: decay,
      schedule: Schedule(
        rate: learningRate, warmup: schedule.warmup, shape: schedule.shape, steps: epochs * samples.stepsPerEpoch),
      gradientTransforms: gradientTransforms, averageDecay: averageDecay, reduction: reduction, transport: transport,
      bucketSize: bucketSize, overlap: overlap, lanes: lanes ?? cores, lanesPerLeaf: lanesPerLeaf,
      adaptsLanes: lanes == nil,
      sharesMemory: sharesMemory, cores: cores)
    (options.groups, options.layerDecay) = (fineTuning.groups, fineTuning.layerDecay ?? 1)
    options.pruning = pruning
    return options
  }

  /// What a trainer keeps besides the parameters: the optimizer's state, and their average where it is asked for.
  func stateSlots(for layout: ParameterLayout) -> [StateSlot] {
    optimizer.state(for: layout) + (averageDecay == nil ? [] : [WeightAverage.slot])
  }
}
