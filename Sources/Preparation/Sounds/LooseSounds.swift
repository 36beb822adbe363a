import Diagnostics
import Files
import Host
import Sounds
import Tables

/// Sounds that are not prepared, some at a time: those that a model is measured on, or that it is to predict.
package final class LooseSounds {
  /// Some clips. Letters: S of them that can be used, T×F numbers of each, W targets.
  package struct Batch {
    /// All rows: S, and one for each sound with a problem.
    package var count = 0
    /// S×T×F
    package var features: [Float] = []
    /// S classes, or S×W numbers, where targets are asked for.
    package var classes: [Int32] = []
    package var values: [Float] = []
    /// By row: why it cannot be used.
    package var problems: [Int: String] = [:]
    /// The name of each row's sound, which clip of it that is, from 1 on, and what other columns hold that are kept.
    package var names: [String] = []
    package var clips: [Int] = []
    package var kept: [[String?]] = []
  }

  /// Of all sounds so far.
  package private(set) var aside = SetAside()
  private let rows: LooseRows
  /// The columns of what is predicted.
  private let targets: [String]
  private let fitted: FittedSounds
  private let withTargets: Bool
  private let kept: [String]
  private let team: CoreTeam
  private let workshop: SoundWorkshop

  package init(
    _ path: String, _ settings: SoundSettings, _ fitted: FittedSounds, withTargets: Bool, keeping kept: [String] = []
  ) throws {
    let listing = try ListedKind.sounds.listing(of: path, like: settings.listed, needsTargets: withTargets)
    (self.fitted, self.withTargets, self.kept) = (fitted, withTargets, kept)
    targets = listing.targetColumns(fitted.targets)
    rows = try LooseRows(listing, columns: (withTargets ? targets : []) + kept)
    (team, workshop) = (CoreTeam(cores: ProcessorCores.allowed(to: 0) ?? [0]), SoundWorkshop(fitted.form))
  }

  /// The clips of the next sounds, of which one has as many as the form says, `most` at most but of one sound; nil where there are no
  /// more.
  package func next(most: Int) throws -> Batch? {
    guard let (chunk, fields, bytes) = try rows.next(most: max(1, most / fitted.form.clips)) else { return nil }
    nonisolated(unsafe) let lender = bytes
    let made = try team.map(chunk.count) { row in
      workshop.with { MadeSound.make(row, of: chunk, in: fields, lender, at: $0) }
    }
    var (batch, found) = (Batch(), LooseTargets(classes: fitted.classes, plural: "sounds"))
    batch.kept = kept.map { _ in [] }
    var known: [Int: String] = [:]
    for fault in chunk.faults { known[fault.row] = fault.reason }
    var faulty = 0
    for row in 0..<chunk.count {
      let name = chunk.text(row, of: rows.listing.path, in: fields) ?? ""
      var (problem, clips) = (known[row], 1)
      switch made[row] {
      case .failure(let fault): problem = problem ?? fault.reason
      case .success(let sound) where problem == nil:
        if withTargets { problem = found.add(rows.texts(targets, row, of: chunk, fields), times: sound.clips) }
        guard problem == nil else { break }
        batch.features += sound.numbers
        clips = sound.clips
      case .success: break
      }
      if let problem {
        batch.problems[batch.count] = problem
        faulty += 1
        if aside.examples.isEmpty { aside.examples = ["\(chunk.places.description(row)): \(name): \(problem)"] }
      }
      batch.names += [String](repeating: name, count: clips)
      batch.clips += 1...clips
      for (place, column) in kept.enumerated() {
        batch.kept[place] += [String?](repeating: chunk.text(row, of: column, in: fields), count: clips)
      }
      batch.count += clips
    }
    (batch.classes, batch.values) = (found.classes, found.values)
    aside.read += chunk.count
    aside.faulty += faulty
    SignsOfLife.note()
    return batch
  }

  /// Passes over the rows that `next` would give; returns how many, 0 where there are no more. How many clips a sound has is seen only
  /// when it is decoded.
  package func skip(most: Int) throws -> Int {
    guard fitted.form.clips == 1 else { return try next(most: most)?.count ?? 0 }
    return try rows.next(most: most)?.chunk.count ?? 0
  }
}
