import Configuration
import Kernels
import Layers

// Extents along two axes are one number for both, or two: height, then width.

/// Largest extent, step or number of channels that a setting may have.
private let largest = 1 << 16

/// `convolution: {channels: 32, kernel: 3, stride: 1, padding: 0, dilation: 1, groups: 1, bias: true, initialiser: he}`
func readConvolution(_ settings: ConfigReader) throws -> any Layer {
  let channels = try settings.int("channels", in: 1...largest)
  let window = Window(
    kernel: try plane(settings, "kernel", default: 3), stride: try plane(settings, "stride", default: 1),
    dilation: try plane(settings, "dilation", default: 1), padding: try padding(settings))
  let groups = try settings.int("groups", default: 1, in: 1...largest)
  guard channels % groups == 0 else {
    throw settings.failure(
      at: "groups", "expected a divisor of the channels (\(channels)), found \(groups)",
      cure: "change the groups or the channels")
  }
  let bias = try settings.bool("bias", default: true)
  return Convolution(
    channels: channels, window: window, groups: groups, bias: bias,
    initialiser: try settings.choice("initialiser", initialiserKinds, default: "he"))
}

/// `max-pool: 2`, `max-pool: {size: 3, stride: 2, padding: 1}`
func readMaxPool(_ settings: ConfigReader) throws -> any Layer {
  let window = try poolWindow(settings)
  let area = window.kernel.height * window.kernel.width
  guard area <= Kernels.largestWindow else {
    throw settings.failure(
      at: "size", "expected a window of at most \(Kernels.largestWindow) elements, found \(window.kernel)")
  }
  return MaxPool(window)
}

/// As `max-pool`.
func readAveragePool(_ settings: ConfigReader) throws -> any Layer { AveragePool(try poolWindow(settings)) }

/// `batch-norm: {momentum: 0.1, epsilon: 1e-5}`
func readBatchNorm(_ settings: ConfigReader) throws -> any Layer {
  try settings.requireNames(of: "momentum", "epsilon")
  let momentum = try settings.double("momentum", default: 0.1, in: 0...1)
  let epsilon = try settings.double("epsilon", default: 1e-5, in: Double(Float.leastNormalMagnitude)...)
  return BatchNorm(momentum: momentum, epsilon: epsilon)
}

private func poolWindow(_ settings: ConfigReader) throws -> Window {
  let size = try plane(settings, "size")
  // Windows stand side by side where nothing else is said.
  let stride = try optionalPlane(settings, "stride") ?? size
  let padding = try padding(settings)
  if case .both(let each) = padding, 2 * each.height > size.height || 2 * each.width > size.width {
    throw settings.failure(at: "padding", "expected at most half of the window (\(size)), found \(each)")
  }
  return Window(kernel: size, stride: stride, padding: padding)
}

private func padding(_ settings: ConfigReader) throws -> Window.Padding {
  if let value = settings.value("padding"), (try? value.string()) == "same" { return .same }
  let padding = try plane(settings, "padding", default: 0, from: 0)
  settings.note("padding", ", or same", or: .words(["same"]))
  return .both(padding)
}

private func plane(
  _ settings: ConfigReader, _ key: String, default value: Int? = nil, from least: Int = 1
) throws -> Plane<Int> {
  if let value = settings.value(key) { return try plane(value, from: least) }
  defer { settings.note(key, twoAxes, or: axes(from: least)) }
  return Plane(try settings.int(key, default: value, in: least...largest))
}

private func optionalPlane(_ settings: ConfigReader, _ key: String) throws -> Plane<Int>? {
  if let value = settings.value(key), !value.isNull { return try plane(value, from: 1) }
  defer { settings.note(key, twoAxes, or: axes(from: 1)) }
  return try settings.optionalInt(key, in: 1...largest).map { Plane($0) }
}

private let twoAxes = ", or [height, width]"

private func axes(from least: Int) -> ConfigShape {
  .list(of: .whole((least...largest).limits), count: (2...2).limits)
}

private func plane(_ value: ConfigValue, from least: Int) throws -> Plane<Int> {
  guard value.isList else { return Plane(try value.int(in: least...largest)) }
  let axes = try value.list(count: 2...2) { try $0.int(in: least...largest) }
  return Plane(height: axes[0], width: axes[1])
}
