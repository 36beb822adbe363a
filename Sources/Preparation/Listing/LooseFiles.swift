import Diagnostics
import Files
import Host
import Tables

/// Makes samples of files that are not kept. Several threads use it.
package protocol LooseMaker: Sendable {
  /// What becomes of one file.
  associatedtype Item
  /// Throws a `FileFault` where the file is at fault.
  func make(_ place: FilePlace) throws -> Item
  /// How many samples an item has.
  func clips(of item: Item) -> Int
}

/// Files that are not prepared, some at a time: those that a model is measured on, or that it is to predict.
package final class LooseFiles<Maker: LooseMaker> {
  /// Some samples. Letters: S of them that can be used, W targets.
  package struct Batch {
    /// All rows: S, and one for each file with a problem.
    package var count = 0
    /// What became of files, S samples in all, and how many of each.
    package var items: [Maker.Item] = []
    package var counts: [Int] = []
    /// S classes, or S×W numbers, where targets are asked for.
    package var classes: [Int32] = []
    package var values: [Float] = []
    /// By row: why it cannot be used.
    package var problems: [Int: String] = [:]
    /// The name of each row's file, which clip of it that is, from 1 on, and what other columns hold that are kept.
    package var names: [String] = []
    package var clips: [Int] = []
    package var kept: [[String?]] = []
  }

  /// Of all files so far.
  package private(set) var aside = SetAside()
  private let rows: LooseRows
  /// The columns of what is predicted.
  private let targets: [String]
  private let classes: [String]?
  private let plural: String
  private let withTargets: Bool
  private let kept: [String]
  private let team: CoreTeam
  private let maker: Maker
  /// The most samples of a file.
  private let clips: Int

  package init<Content: ListedContent>(
    _ path: String, _ settings: Content, _ fitted: Content.Fitted, withTargets: Bool, keeping kept: [String] = []
  ) throws where Content.Maker == Maker {
    let listing = try Content.kind.listing(of: path, like: settings.files.listed, needsTargets: withTargets)
    (plural, classes, clips) = (Content.kind.plural, fitted.classes, settings.clips)
    (self.withTargets, self.kept, maker) = (withTargets, kept, try settings.maker(fitted))
    targets = listing.targetColumns(fitted.targets)
    rows = try LooseRows(listing, columns: (withTargets ? targets : []) + kept)
    team = CoreTeam(cores: ProcessorCores.allowed(to: 0) ?? [0])
  }

  /// The samples of the next files, `most` at most but of one file; nil where there are no more.
  package func next(most: Int) throws -> Batch? {
    guard let (chunk, fields, bytes) = try rows.next(most: max(1, most / clips)) else { return nil }
    nonisolated(unsafe) let lender = bytes
    let made = try team.map(chunk.count) { row in
      try FileFault.result { try maker.make(lender.place(row, of: chunk, in: fields)) }
    }
    var (batch, found) = (Batch(), LooseTargets(classes: classes, plural: plural))
    batch.kept = kept.map { _ in [] }
    var known: [Int: String] = [:]
    for fault in chunk.faults { known[fault.row] = fault.reason }
    for (row, result) in made.enumerated() {
      let name = chunk.text(row, of: rows.listing.path, in: fields) ?? ""
      var (problem, clips) = (known[row], 1)
      switch result {
      case .failure(let fault): problem = problem ?? fault.reason
      case .success(let item) where problem == nil:
        clips = maker.clips(of: item)
        if withTargets { problem = found.add(rows.texts(targets, row, of: chunk, fields), times: clips) }
        guard problem == nil else {
          clips = 1
          break
        }
        batch.items.append(item)
        batch.counts.append(clips)
      case .success: break
      }
      if let problem {
        batch.problems[batch.count] = problem
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
    aside.faulty += batch.problems.count
    SignsOfLife.note()
    return batch
  }

  /// Passes over the rows that `next` would give; returns how many, 0 where there are no more. How many samples a file has is seen only
  /// when it is decoded, where it may have several.
  package func skip(most: Int) throws -> Int {
    guard clips == 1 else { return try next(most: most)?.count ?? 0 }
    return try rows.next(most: most)?.chunk.count ?? 0
  }
}
