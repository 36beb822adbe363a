import Augmentations
import Datasets
import Tensors

/// A sample as a picture: a picture as it is, a sequence with time to the right and its features upwards, one of a single feature as a
/// curve.
struct SamplePicture {
  let png: PNG

  /// The picture of a sample's floats; nil where samples are rows or tokens.
  ///
  /// - Parameters:
  ///   - levels: of a sequence, what is black and what is white; nil: its least number and its greatest.
  ///   - most: pixels of the longer side, of which several become one by their mean; nil: as many as there are.
  init?(_ floats: [Float], _ form: SampleForm, levels: ClosedRange<Float>? = nil, most: Int? = nil) {
    var grid: Grid
    switch form.content {
    case .picture: grid = Grid(picture: floats, form)
    case .sequence where form.width == 1: grid = Grid(curve: floats, levels ?? Self.levels(of: floats))
    case .sequence: grid = Grid(sequence: floats, form, levels ?? Self.levels(of: floats))
    case .row, .tokens: return nil
    }
    if let most { grid.shrink(to: most) }
    png = PNG(
      width: grid.width, height: grid.height, channels: grid.channels,
      pixels: grid.levels.map { $0 > 0 ? UInt8(min($0, 255).rounded()) : 0 })
  }

  /// From the least to the greatest of the numbers that are finite.
  static func levels(of floats: [Float]) -> ClosedRange<Float> {
    let finite = floats.filter(\.isFinite)
    return (finite.min() ?? 0)...(finite.max() ?? 1)
  }

  /// Of one sample of a dataset, as it is in the data, with at most so many pixels along the longer side.
  init?(_ data: Dataset, sample: Int, most: Int) {
    let form = SampleForm(data)
    guard form.content == .picture || form.content == .sequence else { return nil }
    let floats = FlatBuffer(count: form.shape.count)
    withUnsafePointer(to: sample) { data.gatherRaw(UnsafeBufferPointer(start: $0, count: 1), into: floats.view) }
    self.init(floats.view.array, form, most: most)
  }

  /// Width on a page, in its pixels: small ones are shown larger, each pixel a square.
  func width(about wanted: Int) -> Int { max(png.width, png.width * max(1, wanted / max(1, png.width))) }
}

/// Numbers of pixels, 0 black and 255 white.
private struct Grid {
  var width, height: Int
  /// 1 or 3.
  let channels: Int
  /// Height×width×channels.
  var levels: [Float]

  /// Grey, or red, green and blue; of other numbers of channels the first.
  init(picture floats: [Float], _ form: SampleForm) {
    let (C, scale) = (form.channels, 255 / form.white)
    (width, height, channels) = (form.width, form.height, C == 3 ? 3 : 1)
    levels = []
    levels.reserveCapacity(form.pixels * channels)
    for pixel in 0..<form.pixels {
      for channel in 0..<channels { levels.append(floats[pixel * C + channel] * scale) }
    }
  }

  init(sequence floats: [Float], _ form: SampleForm, _ range: ClosedRange<Float>) {
    let (T, F, least) = (form.height, form.width, range.lowerBound)
    let scale = range.upperBound > least ? 255 / (range.upperBound - least) : 0
    (width, height, channels) = (T, F, 1)
    levels = []
    levels.reserveCapacity(T * F)
    for feature in (0..<F).reversed() {
      for frame in 0..<T { levels.append((floats[frame * F + feature] - least) * scale) }
    }
  }

  /// Black on white: in each column all between the least and the greatest of its numbers, and of the last of those before.
  init(curve floats: [Float], _ range: ClosedRange<Float>) {
    let span = range.upperBound - range.lowerBound
    (width, height, channels) = (max(1, min(floats.count, 640)), 96, 1)
    levels = [Float](repeating: 255, count: width * height)
    func row(_ value: Float) -> Int {
      let share = span > 0 ? (range.upperBound - value) / span : 0.5
      return max(0, min(height - 1, Int((share * Float(height - 1)).rounded())))
    }
    var last: Float?
    for column in 0..<width {
      let own = floats[column * floats.count / width..<(column + 1) * floats.count / width].filter(\.isFinite)
      let joined = own + (last.map { [$0] } ?? [])
      guard let least = joined.min(), let greatest = joined.max() else { continue }
      for place in row(greatest)...row(least) { levels[place * width + column] = 0 }
      last = own.last ?? last
    }
  }

  /// Squares of pixels become their mean.
  mutating func shrink(to most: Int) {
    let factor = (max(width, height) + most - 1) / most
    guard factor > 1 else { return }
    let (W, H) = ((width + factor - 1) / factor, (height + factor - 1) / factor)
    var sums = [Float](repeating: 0, count: W * H * channels)
    for y in 0..<H {
      for x in 0..<W {
        let (rows, columns) = (y * factor..<min(height, (y + 1) * factor), x * factor..<min(width, (x + 1) * factor))
        for channel in 0..<channels {
          var sum: Float = 0
          for row in rows { for column in columns { sum += levels[(row * width + column) * channels + channel] } }
          sums[(y * W + x) * channels + channel] = sum / Float(rows.count * columns.count)
        }
      }
    }
    (width, height, levels) = (W, H, sums)
  }
}
