import Kernels
import Layers
import Tensors

// Convolutions, pools and norms of pictures and sequences. Classes without `nn.` stand in Python/blocks.py. Sequences are N×T×C there,
// which `Positions…` turn for modules that want N×C×T.

extension TransposedConvolution: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    let settings = "\(place.input[2]), \(channels), \(tuple(window.kernel)), stride=\(tuple(window.stride))"
    let padding = "padding=\(tuple(window.padding)), output_padding=\(tuple(window.outputPadding))"
    let more = "groups=\(groups), bias=\(python(hasBias)), dilation=\(tuple(window.dilation))"
    return "nn.ConvTranspose2d(\(settings), \(padding), \(more))"
  }
}

extension Convolution1D: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    let (before, after) = window.padding(for: Plane(height: 1, width: place.input[0]))
    let settings = "\(place.input[1]), \(channels), \(window.kernel.width), stride=\(window.stride.width)"
    let more = "dilation=\(window.dilation.width), groups=\(groups), bias=\(python(hasBias))"
    return "PositionsConv1d(\(settings), \(more), pads=(\(before.width), \(after.width)))"
  }
}

extension TransposedConvolution1D: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    let (window, groups) = (ofPictures.window, ofPictures.groups)
    let settings = "\(place.input[1]), \(ofPictures.channels), \(window.kernel.width), stride=\(window.stride.width)"
    let padding = "padding=\(window.padding.width), output_padding=\(window.outputPadding.width)"
    let more = "groups=\(groups), bias=\(python(ofPictures.hasBias)), dilation=\(window.dilation.width)"
    return "PositionsConvTranspose1d(\(settings), \(padding), \(more))"
  }
}

extension SequencePool {
  fileprivate func pool(_ name: String, _ place: PyTorchPlace, beside value: String) -> String {
    let (before, after) = window.padding(for: Plane(height: 1, width: place.input[0]))
    let settings = "\(window.kernel.width), stride=\(window.stride.width)"
    guard before == after else {
      return "AlongPositions(Padded((\(before.width), \(after.width)), \(value), \(name)(\(settings))))"
    }
    return "AlongPositions(\(name)(\(settings), padding=\(before.width)))"
  }
}

extension MaxPool1D: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { pool("nn.MaxPool1d", place, beside: #"float("-inf")"#) }
}

extension AveragePool1D: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    guard !countsPadding else { return pool("nn.AvgPool1d", place, beside: "0.0") }
    let (before, after) = window.padding(for: Plane(height: 1, width: place.input[0]))
    let settings = "(\(window.kernel.width),), (\(window.stride.width),), (\(before.width), \(after.width))"
    return "AlongPositions(OwnMean(\(settings)))"
  }
}

extension GlobalMaxPool: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { place.input.rank == 3 ? "Greatest(2, 3)" : "Greatest(1)" }
}

extension AdaptivePool {
  fileprivate func adaptive(_ name: String, _ place: PyTorchPlace) -> String {
    place.input.rank == 3 ? "\(name)2d(\(tuple(size.plane)))" : "AlongPositions(\(name)1d(\(size.plane.width)))"
  }
}

extension AdaptiveAveragePool: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { adaptive("nn.AdaptiveAvgPool", place) }
}

extension AdaptiveMaxPool: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String { adaptive("nn.AdaptiveMaxPool", place) }
}

extension GroupNorm: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    let name = place.input.rank == 2 ? "PositionsGroupNorm" : "nn.GroupNorm"
    return "\(name)(\(groups), \(place.input.extents.last!), eps=\(epsilon))"
  }
}

extension RMSNorm: PyTorchLayer {
  public func module(at place: PyTorchPlace) -> String {
    "\(place.input.rank == 3 ? "ChannelsRMSNorm" : "nn.RMSNorm")(\(place.input.extents.last!), eps=\(epsilon))"
  }
}
