import Configuration
import Kernels

// Extents along two axes are one number for both, or two: height, then width.

/// Largest extent, step or number of channels that a setting may have.
let largestExtent = 1 << 16

extension ConfigReader {
  /// The window of a pool.
  func poolWindow() throws -> Window {
    let size = try plane("size")
    // Windows stand side by side where nothing else is said.
    let stride = try optionalPlane("stride") ?? size
    let padding = try padding()
    if case .both(let each) = padding, 2 * each.height > size.height || 2 * each.width > size.width {
      throw failure(at: "padding", "expected at most half of the window (\(size)), found \(each)")
    }
    return Window(kernel: size, stride: stride, padding: padding)
  }

  /// The groups that a convolution's channels are cut into.
  func groups(of channels: Int) throws -> Int {
    let groups = try int("groups", default: 1, in: 1...largestExtent)
    guard channels % groups == 0 else {
      throw failure(
        at: "groups", "expected a divisor of the channels (\(channels)), found \(groups)",
        cure: "change the groups or the channels")
    }
    return groups
  }

  /// The window of a pool of sequences, which moves along a line.
  func poolLine() throws -> Window {
    let size = try int("size", in: 1...largestExtent)
    let stride = try optionalInt("stride", in: 1...largestExtent) ?? size
    let padding = try linePadding()
    if case .both(let each) = padding, 2 * each.width > size {
      throw failure(at: "padding", "expected at most half of the window (\(size)), found \(each.width)")
    }
    return Window(
      kernel: Plane(height: 1, width: size), stride: Plane(height: 1, width: stride), padding: padding)
  }

  /// The window of a convolution of sequences.
  func convolutionLine() throws -> Window {
    let kernel = try int("kernel", default: 3, in: 1...largestExtent)
    let stride = try int("stride", default: 1, in: 1...largestExtent)
    let dilation = try int("dilation", default: 1, in: 1...largestExtent)
    return Window(
      kernel: Plane(height: 1, width: kernel), stride: Plane(height: 1, width: stride),
      dilation: Plane(height: 1, width: dilation), padding: try linePadding(orCausal: true))
  }

  private func linePadding(orCausal isCausal: Bool = false) throws -> Window.Padding {
    let word = try? value("padding")?.string()
    if word == "same" { return .same }
    if isCausal, word == "causal" { return .causal }
    let padding = try int("padding", default: 0, in: 0...largestExtent)
    let words = isCausal ? ["same", "causal"] : ["same"]
    note("padding", words.map { ", or \($0)" }.joined(), or: .words(words))
    return .both(Plane(height: 0, width: padding))
  }

  func padding() throws -> Window.Padding {
    if let value = value("padding"), (try? value.string()) == "same" { return .same }
    let padding = try plane("padding", default: 0, from: 0)
    note("padding", ", or same", or: .words(["same"]))
    return .both(padding)
  }

  func plane(_ key: String, default value: Int? = nil, from least: Int = 1) throws -> Plane<Int> {
    if let value = self.value(key) { return try plane(value, from: least) }
    defer { note(key, twoAxes, or: axes(from: least)) }
    return Plane(try int(key, default: value, in: least...largestExtent))
  }

  private func optionalPlane(_ key: String) throws -> Plane<Int>? {
    if let value = value(key), !value.isNull { return try plane(value, from: 1) }
    defer { note(key, twoAxes, or: axes(from: 1)) }
    return try optionalInt(key, in: 1...largestExtent).map { Plane($0) }
  }

  private func plane(_ value: ConfigValue, from least: Int) throws -> Plane<Int> {
    guard value.isList else { return Plane(try value.int(in: least...largestExtent)) }
    let axes = try value.list(count: 2...2) { try $0.int(in: least...largestExtent) }
    return Plane(height: axes[0], width: axes[1])
  }
}

private let twoAxes = ", or [height, width]"

private func axes(from least: Int) -> ConfigShape {
  .list(of: .whole((least...largestExtent).limits), count: (2...2).limits)
}
