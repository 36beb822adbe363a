import Diagnostics

extension Graph.Operation {
  var isEmbedding: Bool { if case .layer(let layer, _, _) = action { layer is Embedding } else { false } }

  /// Where adapters can stand, or do.
  var adapterPlaces: [AdapterPlace] {
    guard case .layer(let layer, _, _) = action else { return [] }
    if layer is LowRank { return [AdapterPlace(path)] }
    if layer is any AdaptedLayer { return AdapterPlace.all(ofAttentionAt: path) }
    return AdapterPlace.all(of: layer, at: path)
  }

  /// What it cannot do with the features of a flattened picture.
  var orderConflict: Failure {
    let kind = if case .layer(let layer, _, _) = action { "\(path) (\(type(of: layer).kind))" } else { path }
    return Failure(
      .badConfiguration, at: "model.\(kind)",
      "expected features in one order, found those of a picture of several channels, which memory has as "
        + "height×width×channels and PyTorch as channels×height×width",
      cure:
        "put a dense layer between, or select and add before the flatten; a run of an earlier version can go on with "
        + "the version it was started with")
  }

  /// Places in the layout.
  var slots: [Int] {
    if case .layer(_, _, let slots) = action { slots } else { [] }
  }

  /// Which of its tensors may be of bfloat16 numbers. Sums of more than two tensors go on in floats.
  var bfloat16Tensors: BFloat16Tensors {
    switch action {
    case .layer(let layer, _, _): layer.bfloat16Tensors
    case .fork: outputs.count > 2 ? [] : .alike
    case .join(.add): inputs.count > 2 ? [] : .alike
    case .join(.multiply): inputs.count > 2 ? [] : [.input, .output]
    case .join(.concatenate): .alike
    }
  }

  /// Whether values or gradients of its input and output are the same memory, whatever they are of.
  var sharesMemory: Bool { valuePlacement == .alias || gradientPlacement == .alias }

  /// What backward reads of the values.
  var backwardReads: BackwardReads {
    switch action {
    case .layer(let layer, _, _): layer.backwardReads
    case .join(.multiply): .input
    case .fork, .join(.add), .join(.concatenate): []
    }
  }

  /// Whether the values of input and output may share memory.
  var valuePlacement: Placement {
    switch action {
    case .layer(let layer, _, _): layer.placement
    case .fork: .alias
    case .join(.add): .inPlace
    case .join(.multiply), .join(.concatenate): .apart
    }
  }

  /// Whether the gradients of input and output may share memory.
  var gradientPlacement: Placement {
    switch action {
    case .layer(let layer, _, _): layer.gradientPlacement
    case .fork: .inPlace
    case .join(.add): .alias
    case .join(.multiply), .join(.concatenate): .apart
    }
  }
}
