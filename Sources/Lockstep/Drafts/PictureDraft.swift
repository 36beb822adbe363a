import Diagnostics
import Files
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
    let (draft, scratch) = (FolderDraft(look, place), PictureScratch())
    var (sizes, isColoured, faults) = ([(height: Int, width: Int)](), false, [String]())
    for path in look.sample {
      do {
        let header = try Self.contents(path).withUnsafeBytes { (bytes) throws(PictureFault) in
          try PictureHeader(bytes, using: scratch)
        }
        sizes.append((header.height, header.width))
        isColoured = isColoured || header.isColoured
      } catch let fault as PictureFault {
        faults.append("\(path): \(fault.reason)")
      } catch { faults.append("\(error)") }
    }
    notes = try draft.notes(of: faults)
    found = draft.comment
    let sides = sizes.map { min($0.height, $0.width) }.sorted()
    let isOneSize = sizes.allSatisfy { $0 == sizes[0] } && max(sizes[0].height, sizes[0].width) <= Self.sides[0]
    let side = isOneSize ? sides[0] : Self.sides.first { $0 <= sides[sides.count / 2] } ?? Self.sides.last!
    var lines = draft.head(
      isOneSize
        ? "\(sizes[0].height)×\(sizes[0].width)"
        : "sides of \(grouped(sides[0])) to \(count(sizes.map { max($0.height, $0.width) }.max()!, "pixel"))")
    lines += ["data:", "  images:"] + draft.lines
    lines.append(
      isOneSize
        ? "    size: [\(sizes[0].height), \(sizes[0].width)]"
        : "    size: \(side)   # all are brought to it; more sees more, and takes as much longer as it has pixels")
    lines.append("    channels: \(isColoured ? "rgb" : "grey")")
    lines.append("standardise: channel")
    if side > 1 {
      lines.append("augment:   # lockstep look \(DraftPlace.word(place.configuration)) -o look.html shows them")
      lines.append(
        isOneSize ? "  - random-crop: \(max(1, side / 14))" : "  - random-resized-crop: {scale: [0.5, 1.0]}")
      lines.append("  \(isColoured ? "-" : "# -") flip   # not where left and right tell classes apart, as of letters")
    }
    let (n, samples) = (draft.trainingCount, side <= 32 ? 200_000 : side <= 64 ? 60_000 : 30_000)
    lines += Self.model(side: side, classes: look.classes.count)
    lines +=
      PaceDraft(count: n, samples: samples, epochs: 3...40).lines(rate: "0.003", isWatched: draft.isWatched)
      + draft.advice
    if n < 5_000 {
      lines.append(
        "# With few pictures start from weights that know a million others: see start-from, and the recipe transfer.")
    }
    yaml = lines.map { "\($0.shown())\n" }.joined()
  }

  private static func contents(_ path: String) throws -> [UInt8] {
    let file = try RegularFile(path)
    return try file.bytes(0..<file.size)
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
    while side > 8 {
      lines += convolution() + ["  - max-pool: 2"]
      (side, channels) = (side / 2, min(256, channels * 2))
    }
    return lines + convolution() + ["  - global-average-pool", "  - dropout: 0.2", "  - dense: \(classes)"]
  }
}
