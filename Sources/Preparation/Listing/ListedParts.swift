import Files
import Tables
import Tensors

/// Writes what all kinds of files keep of each part: names, and what is predicted.
package struct ListedParts {
  let directory: String
  private let divided: DividedTable
  private let settings: ListedSettings
  private let targets: ListedTargets
  /// Those that are predicted; nil: numbers are.
  var classes: [String]? { targets.classes }

  /// Throws where there are not two classes at least in training files, or a file has one that no training file has.
  init(_ divided: DividedTable, _ settings: ListedSettings, _ kind: ListedKind, in directory: String) throws {
    (self.divided, self.settings, self.directory) = (divided, settings, directory)
    targets = try ListedTargets(
      divided, settings.targetRequests, named: settings.classes, plural: kind.plural, order: settings.source.order)
  }

  /// A column that a packer has made.
  func column(_ name: String) -> MappedArray<Double> {
    guard case .numbers(let numbers) = divided.table.columns[ColumnRequest(name, .numbers)]! else {
      preconditionFailure("files were collected as something else")
    }
    return numbers
  }

  /// The rows of a part, in their order.
  func rows(of part: Part) -> [Int] { divided.parts.indices.filter { divided.parts[$0] == part } }

  /// Writes the names of all files.
  func writeNames() throws -> Digest {
    guard case .texts(let texts) = divided.table.columns[ColumnRequest(settings.source.path, .texts)]! else {
      preconditionFailure("files were collected as something else")
    }
    let names = try TextWriter(KeptNames(directory).names, isKept: true)
    for start in stride(from: 0, to: divided.table.count, by: 4096) {
      try names.append(contentsOf: (start..<min(start + 4096, divided.table.count)).map { texts[$0] })
    }
    return try names.finish().digest
  }

  /// Writes what a part's samples show, which are of these rows.
  func writeTargets(of rows: some Sequence<Int>, _ part: Part) throws -> Digest {
    try targets.write(of: rows, to: KeptNames(directory).targets(part))
  }
}
