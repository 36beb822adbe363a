import Diagnostics
import Foundation
import Pictures

/// A configuration for pictures in folders: a convolutional network of a sensible size for them.
struct PictureDraft: Draft {
  let yaml: String
  let found: String
  let notes: [String]

  /// Sides that pictures of several sizes are brought to: more would take long from nothing.
  private static let sides = [128, 96, 64, 48, 32]

  init(_ look: FolderLook, _ place: DraftPlace) throws {
    let scratch = PictureScratch()
    var (sizes, isColoured, faults) = ([(height: Int, width: Int)](), false, [String]())
    for path in look.sample {
      do {
        let header = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe).withUnsafeBytes {
          (bytes) throws(PictureFault) in try PictureHeader(bytes, using: scratch)
        }
        sizes.append((header.height, header.width))
        isColoured = isColoured || header.isColoured
      } catch let fault as PictureFault {
        faults.append("\(path): \(fault.reason)")
      } catch {
        faults.append("\(path): expected a file that can be read, found none")
      }
    }
    notes = try look.note(of: faults)
    found = look.comment
    let sides = sizes.map { min($0.height, $0.width) }.sorted()
    let isOneSize = sizes.allSatisfy { $0 == sizes[0] } && max(sizes[0].height, sizes[0].width) <= Self.sides[0]
    let side = isOneSize ? sides[0] : Self.sides.first { $0 <= sides[sides.count / 2] } ?? Self.sides.last!
    let range =
      isOneSize
      ? "\(sizes[0].height)×\(sizes[0].width)"
      : "sides of \(grouped(sides[0])) to \(grouped(sizes.map { max($0.height, $0.width) }.max()!)) pixels"
    var lines = place.head(
      "\(count(look.paths.count, "picture")) in \(look.folder), of which \(grouped(look.sample.count)) were opened: \(range)",
      use: "Predict: lockstep predict runs/\(place.name) --input FOLDER --output predictions.csv")
    lines += ["data:", "  images:"] + look.lines(place)
    if !isOneSize {
      lines.append(
        "    size: \(side)   # all are brought to it; more sees more, and takes as much longer as it has pixels")
    }
    lines.append("    channels: \(isColoured ? "rgb" : "grey")")
    lines += ["standardise: channel", "augment:   # lockstep look \(place.configuration) -o look.html shows them"]
    lines.append(
      isOneSize ? "  - random-crop: \(max(1, side / 14))" : "  - random-resized-crop: {scale: [0.5, 1.0]}")
    lines.append("  \(isColoured ? "-" : "# -") flip   # not where left and right tell classes apart, as of letters")
    let samples = side <= 32 ? 200_000 : side <= 64 ? 60_000 : 30_000
    let pace = PaceDraft(count: look.trainingCount, samples: samples, epochs: 3...40)
    lines += Self.model(side: side, classes: look.classes.count) + pace.lines(rate: "0.003") + look.advice
    lines.append(
      "# With few pictures start from weights that know a million others: see start-from, and the recipe transfer.")
    yaml = lines.map { "\($0.shown())\n" }.joined()
  }

  /// Convolutions until 8 rows or fewer are left, each of twice as many channels.
  private static func model(side: Int, classes: Int) -> [String] {
    var (lines, side, channels) = (["model:"], side, 32)
    func convolution(stride: Int = 1) -> [String] {
      let stride = stride == 1 ? "" : ", stride: \(stride)"
      return [
        "  - convolution: {channels: \(channels), kernel: 3\(stride), padding: same, bias: false}", "  - batch-norm",
        "  - relu",
      ]
    }
    if side >= 96 {
      lines += convolution(stride: 2)
      side /= 2
    }
    repeat {
      lines += convolution() + ["  - max-pool: 2"]
      (side, channels) = (side / 2, min(256, channels * 2))
    } while side > 8
    return lines + convolution() + ["  - global-average-pool", "  - dropout: 0.2", "  - dense: \(classes)"]
  }
}
