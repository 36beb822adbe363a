import Diagnostics
import Files
import Host
import Pictures
import Tables

/// Pictures that are not prepared, some at a time: those that a model is measured on, or that it is to predict.
package final class LoosePictures {
  /// Some rows. Letters: S of them that can be used, W targets.
  package struct Batch {
    /// All rows, S and those with a problem.
    package var count = 0
    /// S places and sizes.
    package var places: [PicturePlace] = []
    package var sizes: [(height: Int, width: Int)] = []
    /// S classes, or S×W numbers, where targets are asked for.
    package var classes: [Int32] = []
    package var values: [Float] = []
    /// By row: why it cannot be used.
    package var problems: [Int: String] = [:]
    /// The name of each row's picture, and what other columns hold that are kept.
    package var names: [String] = []
    package var kept: [[String?]] = []
  }

  /// Of all rows so far.
  package private(set) var aside = SetAside()
  private let rows: LooseRows
  /// The columns of what is predicted.
  private let targets: [String]
  private let fitted: FittedPictures
  private let withTargets: Bool
  private let kept: [String]
  private let team: CoreTeam
  private let pool = ScratchPool()

  package init(
    _ path: String, _ settings: PictureSettings, _ fitted: FittedPictures, withTargets: Bool,
    keeping kept: [String] = []
  ) throws {
    (self.fitted, self.withTargets, self.kept) = (fitted, withTargets, kept)
    let listing = try settings.listing(of: path, needsTargets: withTargets)
    targets = listing.targetColumns(fitted.targets)
    rows = try LooseRows(listing, columns: (withTargets ? targets : []) + kept)
    team = CoreTeam(cores: ProcessorCores.allowed(to: 0) ?? [0])
  }

  /// The next rows, `most` at most; nil where there are no more. What is needed to decode them is looked at, all of it with
  /// `checks`.
  package func next(most: Int, checks: Bool) throws -> Batch? {
    guard let (chunk, fields, bytes) = try rows.next(most: most) else { return nil }
    return try batch(of: chunk, fields, bytes, checks)
  }

  /// Passes over the rows that `next` would give, without a look at their pictures; returns how many, 0 where there are no more.
  package func skip(most: Int) throws -> Int { try rows.next(most: most)?.chunk.count ?? 0 }

  private func batch(
    of chunk: TableChunk, _ fields: [RawField], _ bytes: any PictureBytes, _ checks: Bool
  ) throws -> Batch {
    var batch = Batch()
    batch.count = chunk.count
    batch.names = (0..<chunk.count).map { chunk.text($0, of: rows.listing.path, in: fields) ?? "" }
    batch.kept = kept.map { column in (0..<chunk.count).map { chunk.text($0, of: column, in: fields) } }
    for fault in chunk.faults { batch.problems[fault.row] = fault.reason }
    var found = LooseTargets(classes: fitted.classes, plural: "pictures")
    nonisolated(unsafe) let lender = bytes
    let looked = try team.map(chunk.count) { row in
      pool.with { scratch in
        Result<(PicturePlace, PictureHeader?), PictureFault> { () throws(PictureFault) in
          let place = try lender.place(row, of: chunk, in: fields)
          guard checks else { return (place, nil) }
          return (place, try PictureForm.checked(place.bytes(using: scratch.file), using: scratch))
        }
      }
    }
    for row in 0..<chunk.count where batch.problems[row] == nil {
      switch looked[row] {
      case .failure(let fault): batch.problems[row] = fault.reason
      case .success(let (place, header)):
        if withTargets, let problem = found.add(rows.texts(targets, row, of: chunk, fields)) {
          batch.problems[row] = problem
          continue
        }
        batch.places.append(place)
        batch.sizes.append((header?.height ?? 0, header?.width ?? 0))
      }
    }
    (batch.classes, batch.values) = (found.classes, found.values)
    aside.read += chunk.count
    aside.faulty += batch.problems.count
    if aside.examples.isEmpty, let first = batch.problems.min(by: { $0.key < $1.key }) {
      aside.examples = ["\(chunk.places.description(first.key)): \(batch.names[first.key]): \(first.value)"]
    }
    SignsOfLife.note()
    return batch
  }
}
