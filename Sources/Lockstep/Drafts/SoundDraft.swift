import Diagnostics
import Files
import Sounds

/// A configuration for sounds in folders: log-mel spectrograms, and convolutions over time.
struct SoundDraft: Draft {
  let yaml: String
  let found: String
  let notes: [String]

  init(_ look: FolderLook, _ place: DraftPlace) throws {
    let draft = FolderDraft(look, place)
    var (lengths, rates, faults) = ([Double](), [Int: Int](), [String]())
    for path in look.sample {
      do {
        let file = try SoundFile(SoundBytes(RegularFile(path)))
        guard file.told != 0 else { throw SoundFault("expected samples, found none") }
        rates[file.rate, default: 0] += 1
        // What was written to a pipe does not say how long it is.
        if let told = file.told { lengths.append(Double(told) / Double(file.rate)) }
      } catch let fault as SoundFault {
        faults.append("\(path): \(fault.reason)")
      } catch { faults.append("\(error)") }
    }
    notes = try draft.notes(of: faults)
    found = draft.comment
    lengths.sort()
    let usual = rates.max { ($0.value, $0.key) < ($1.value, $1.key) }!.key
    let rate = min(16_000, usual)
    // Nine of ten sounds are heard whole.
    let long = lengths.isEmpty ? 1 : lengths[lengths.count * 9 / 10]
    let seconds = min(10, max(0.5, (long * 2).rounded(.up) / 2))
    let clips = long > seconds ? min(16, Int((long / seconds).rounded(.up))) : 1
    let range = "\(fixed(lengths.first ?? 0, 1)) to \(fixed(lengths.last ?? 0, 1)) seconds"
    var lines = draft.head("\(lengths.isEmpty ? "" : "\(range), ")mostly at \(grouped(usual)) Hz")
    lines += ["data:", "  audio:"] + draft.lines
    lines.append("    rate: \(rate)   # samples a second, which all are brought to")
    let longer = clips == 1 ? "of longer ones the middle is taken" : "longer ones are cut"
    lines.append("    seconds: \(shortest(seconds))   # of a clip: shorter sounds stand in silence, \(longer)")
    if clips > 1 { lines.append("    clips: \(clips)   # of a longer sound at most so many, evenly spread over it") }
    // Bands lie below half the rate, and none may be empty.
    lines.append("    features: {log-mel: {bands: \(rate < 4_000 ? 16 : 40)}}")
    if look.divisions.isEmpty {
      lines += [
        "    # Where files of one speaker are on both sides, figures are too good. If names begin with the speaker and a dash:",
        "    # group: \"*/{*}-*\", and split: {hash: {by: group, test: 0.2, validation: 0.1}}",
      ]
    }
    let shift = max(1, Int(seconds * 10))
    lines += [
      "augment:", "  - shift: {time: \(shift)}",
      "  - spec-augment: {time-masks: 2, time-width: \(shift), frequency-masks: 2, frequency-width: 6}",
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
    let pace = PaceDraft(count: draft.trainingCount * clips, samples: Int(60_000 / seconds), epochs: 5...60)
    lines += pace.lines(rate: "0.002", isWatched: draft.isWatched) + draft.advice
    yaml = lines.map { "\($0.shown())\n" }.joined()
  }
}
