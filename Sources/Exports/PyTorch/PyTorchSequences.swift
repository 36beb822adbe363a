import Diagnostics
import Layers
import Tensors

// What layers of sequences are in PyTorch. Classes without `nn.` stand in Python/blocks.py.

extension PyTorchPlace {
  /// `, sequence=0` where positions may be padding.
  fileprivate var setting: String { sequence.map { ", sequence=\($0)" } ?? "" }
}

extension Embedding: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    "Embedding(\(vocabulary), \(width)\(paddingToken.map { ", padding=\($0)" } ?? "")\(place.setting))"
  }
}

extension Positions: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { "Positions(\(place.input[0]), \(place.input[1]))" }
}

extension SinusoidalPositions: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    "SinusoidalPositions(\(place.input[0]), \(place.input[1]), base=\(base))"
  }
}

extension MultiHeadAttention: PyTorchLayer {
  /// PyTorch's own where that computes the same.
  public func module(at place: PyTorchPlace) -> String {
    var settings = ""
    if keyHeads != heads { settings += ", key_heads=\(keyHeads)" }
    switch positions {
    case .none: break
    case .rotary(let base): settings += ", rotary=\(base)"
    case .alibi: settings += ", slopes=\(positions.slopes(heads: heads)!)"
    }
    if let window { settings += ", window=\(window)" }
    if dropout > 0 { settings += ", dropout=\(dropout)" }
    settings += place.setting
    let name = settings.isEmpty ? "Attention" : "SelfAttention"
    return "\(name)(\(place.input[1]), \(heads), causal=\(python(isCausal)), bias=\(python(hasBias))\(settings))"
  }
}

extension CrossAttention: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    let memory = place.memory!
    let ends = memory.sequence.map { ", memory_sequence=\($0)" } ?? ""
    return
      "CrossAttention(\(place.input[1]), \(memory.shape[1]), \(heads), key_heads=\(keyHeads), bias=\(python(hasBias)), "
      + "dropout=\(dropout)\(place.setting)\(ends))"
  }
}

extension SelectPosition: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { "SelectPosition(\(position)\(place.setting))" }
}

extension MeanPositions: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    place.sequence.map { "MeanPositions(sequence=\($0))" } ?? "Mean(1)"
  }
}

extension MaxPositions: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    "MaxPositions(\(place.sequence.map { "sequence=\($0)" } ?? ""))"
  }
}

extension RecurrentLayer {
  /// PyTorch's, around which a class of that name makes a layer of one input and one output.
  fileprivate func recurrentModule(_ name: String, at place: PyTorchPlace) -> String {
    var settings = ""
    if form.layers > 1 { settings += ", num_layers=\(form.layers)" }
    if !form.hasBias { settings += ", bias=False" }
    if form.dropout > 0 { settings += ", dropout=\(form.dropout)" }
    if form.isBidirectional { settings += ", bidirectional=True" }
    if form.returned == .last { settings += ", last=True" }
    return "\(name)(\(place.input[1]), \(form.units)\(settings)\(place.setting))"
  }
}

extension LSTM: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { recurrentModule("LSTM", at: place) }
}

extension GRU: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { recurrentModule("GRU", at: place) }
}

extension EmbeddingBag: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    let padding = padding.map { ", padding_idx=\($0)" } ?? ""
    return "EmbeddingBag(\(vocabulary), \(width), mode=\(quotedJSON(mode.rawValue))\(padding))"
  }
}
