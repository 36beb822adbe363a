import Diagnostics
import Kernels
import Layers
import Tensors

// What the layers are in PyTorch. Classes without `nn.` stand in Python/blocks.py.

func python(_ value: Bool) -> String { value ? "True" : "False" }
func tuple(_ plane: Plane<Int>) -> String { "(\(plane.height), \(plane.width))" }
private func tuple(_ extents: [Int]) -> String { extents.map(String.init).joined(separator: ", ") }

extension Dense: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    guard tied == nil else { return "TiedLinear(\(units), bias=\(python(hasBias)))" }
    return "nn.Linear(\(place.input.extents.last!), \(units), bias=\(python(hasBias)))"
  }
}

extension Window {
  /// As much before as after, or nil.
  fileprivate func symmetric(_ input: Shape) -> Plane<Int>? {
    let (before, after) = padding(for: Plane(height: input[0], width: input[1]))
    return before == after ? before : nil
  }

  /// Left, right, above, below.
  fileprivate func pads(_ input: Shape) -> String {
    let (before, after) = padding(for: Plane(height: input[0], width: input[1]))
    return "(\(before.width), \(after.width), \(before.height), \(after.height))"
  }
}

extension Convolution: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    let settings = "\(place.input[2]), \(channels), \(tuple(window.kernel)), stride=\(tuple(window.stride))"
    let more = "dilation=\(tuple(window.dilation)), groups=\(groups), bias=\(python(hasBias))"
    guard let padding = window.symmetric(place.input) else {
      return "PaddedConv2d(\(settings), \(more), pads=\(window.pads(place.input)))"
    }
    return "nn.Conv2d(\(settings), padding=\(tuple(padding)), \(more))"
  }
}

extension Pool {
  fileprivate func pool(_ name: String, _ place: PyTorchPlace, beside value: String) -> String {
    let settings = "\(tuple(window.kernel)), stride=\(tuple(window.stride))"
    guard let padding = window.symmetric(place.input) else {
      return "Padded(\(window.pads(place.input)), \(value), \(name)(\(settings)))"
    }
    return "\(name)(\(settings), padding=\(tuple(padding)))"
  }
}

extension MaxPool: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { pool("nn.MaxPool2d", place, beside: #"float("-inf")"#) }
}

extension AveragePool: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    guard !countsPadding else { return pool("nn.AvgPool2d", place, beside: "0.0") }
    return "OwnMean(\(tuple(window.kernel)), \(tuple(window.stride)), \(window.pads(place.input)))"
  }
}

extension GlobalAveragePool: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { place.input.rank == 3 ? "Mean(2, 3)" : "Mean(1)" }
}

extension BatchNorm: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    let name = ["nn.BatchNorm1d", "PositionsBatchNorm", "nn.BatchNorm2d"][min(place.input.rank, 3) - 1]
    return "\(name)(\(place.input.extents.last!), eps=\(epsilon), momentum=\(momentum))"
  }
}

extension LayerNorm: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    "\(place.input.rank == 3 ? "ChannelsLayerNorm" : "nn.LayerNorm")(\(place.input.extents.last!), eps=\(epsilon))"
  }
}

extension ReLU: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.ReLU()" } }
extension Sigmoid: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.Sigmoid()" } }
extension Tanh: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.Tanh()" } }
extension SiLU: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.SiLU()" } }
extension Dropout: PyTorchLayer { public func module(at place: PyTorchPlace) -> String { "nn.Dropout(\(rate))" } }
extension LeakyReLU: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { "nn.LeakyReLU(\(slope))" }
}

extension GELU: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    "nn.GELU(approximate=\(activation == .geluTanh ? #""tanh""# : #""none""#))"
  }
}

extension Softmax: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { "nn.Softmax(dim=\(place.input.rank == 3 ? 1 : -1))" }
}

extension Flatten: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { "nn.Flatten()" }
}

extension Reshape: PyTorchLayer {
  /// Features of a row that stand channel by channel become a picture, or go on as they are; all others lie as in memory.
  public func module(at place: PyTorchPlace) -> String {
    let (input, output) = (place.input, place.output)
    if output.rank == 1 { return "nn.Flatten()" }
    if input.rank == 1, output.rank == 3, place.readsPicture {
      return "nn.Unflatten(1, (\(tuple([output[2], output[0], output[1]]))))"
    }
    return "Reshape(\(tuple(output.extents)))"
  }
}

extension ColumnEmbeddings: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    let all = columns.map { "(\(quotedJSON($0.name)), \($0.feature), \($0.rows), \($0.dimensions))" }
    return "ColumnEmbeddings(\(all.joined(separator: ", ")))"
  }
}

extension Select: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { "Select(\(range.lowerBound), \(range.count))" }
}

extension Rescale: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { "Rescale(\(scale), \(offset))" }
}
