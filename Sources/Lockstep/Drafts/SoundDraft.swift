import Diagnostics
import Foundation
import Sounds

/// A configuration for sounds in folders: log-mel spectrograms, and convolutions over time.
struct SoundDraft: Draft {
  let yaml: String
  let found: String
  let notes: [String]

  init(_ look: FolderLook, _ place: DraftPlace) throws {
    var (lengths, rates, faults) = ([Double](), [Int: Int](), [String]())
    for path in look.sample {
      do throws(SoundFault) {
        let header = try SoundHeader(path)
        lengths.append(header.seconds)
        rates[header.rate, default: 0] += 1
      } catch {
        faults.append("\(path): \(error.reason)")
      }
    }
    notes = try look.note(of: faults)
    found = look.comment
    lengths.sort()
    let usual = rates.max { ($0.value, $0.key) < ($1.value, $1.key) }!.key
    let rate = min(16_000, max(1000, usual))
    // Nine of ten sounds are heard whole.
    let long = lengths[lengths.count * 9 / 10]
    let seconds = min(10, max(0.5, (long * 2).rounded(.up) / 2))
    let range =
      "\(fixed(lengths[0], 1)) to \(fixed(lengths[lengths.count - 1], 1)) seconds, mostly at \(grouped(usual)) Hz"
    var lines = place.head(
      "\(count(look.paths.count, "sound")) in \(look.folder), of which \(grouped(look.sample.count)) were opened: \(range)",
      use: "Predict: lockstep predict runs/\(place.name) --input FOLDER --output predictions.csv")
    lines += ["data:", "  audio:"] + look.lines(place)
    lines.append("    rate: \(rate)   # samples a second, which all are brought to")
    lines.append(
      "    seconds: \(shortest(seconds))   # of a clip: shorter sounds stand in silence, of longer ones the middle is taken"
    )
    if long > seconds {
      lines.append("    clips: \(min(16, Int((long / seconds).rounded(.up))))   # at most so many of a longer sound")
    }
    lines.append("    features: {log-mel: {bands: 40}}")
    if look.divisions.isEmpty {
      lines.append(
        "    # Where one speaker is in several files, keep them on one side: group: \"*/{*}-*\", split: {hash: {by: group}}"
      )
    }
    lines += [
      "augment:", "  - shift: {time: \(max(1, Int(seconds * 10)))}",
      "  - spec-augment: {time-masks: 2, time-width: \(max(2, Int(seconds * 10))), frequency-masks: 2, frequency-width: 6}",
      "model:",
    ]
    for channels in [64, 128] {
      lines += [
        "  - convolution-1d: {channels: \(channels), kernel: 5, padding: same}", "  - relu", "  - max-pool-1d: 2",
      ]
    }
    lines += [
      "  - convolution-1d: {channels: 128, kernel: 3, padding: same}", "  - relu",
      "  - parallel: {branches: [[mean-positions], [max-positions]]}", "  - dropout: 0.3",
      "  - dense: \(look.classes.count)",
    ]
    let pace = PaceDraft(count: look.trainingCount, samples: Int(60_000 / seconds), epochs: 5...60)
    lines += pace.lines(rate: "0.002") + look.advice
    yaml = lines.map { "\($0.shown())\n" }.joined()
  }
}
