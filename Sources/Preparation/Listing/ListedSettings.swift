import Configuration
import Diagnostics
import Formats
import Tables

/// Which files there are, what is predicted, how they are divided and where they are kept: the settings that all sources of listed files
/// have.
package struct ListedSettings: Sendable {
  /// Where files and what they show are found, as it is named; and the same with groups of their paths.
  package let listed: any FileListing
  package let source: any FileListing
  /// What is predicted: one column of classes, or columns of numbers.
  package let targets: [String]
  package let predictsNumbers: Bool
  /// The classes in the order of the outputs; nil: all that were found, sorted.
  package let classes: [String]?
  package let split: any Split
  package let quarantineAtMost: Double
  /// Where prepared data are kept.
  package let directory: String
  /// Prepared data that are taken as they are; nil: none.
  package let prepared: String?
  /// All that decides samples besides the files, as text; and the same without what decides them only when they are read.
  package let identity: String
  package let packing: String
  /// What is wrong with what is named; thrown as soon as files are to be listed.
  package let conflict: Failure?

  /// Where files are, what is predicted, and what is wrong with that together.
  package typealias Listed = (source: any FileListing, targets: [String], predictsNumbers: Bool, conflict: Failure?)

  /// - Parameters:
  ///   - operational: settings that decide nothing of what is read, as paths.
  ///   - late: those that decide only what becomes of packed files.
  ///   - newer: those that say nothing where they are left out, as runs know nothing of them that were made before they came.
  ///   - listing: reads what is listed.
  ///   - own: reads what is of this kind of files alone.
  package init<Own>(
    _ settings: ConfigReader, operational: [String], late: [String] = [], newer: [String] = [],
    listing: (ConfigReader) throws -> Listed,
    own: (ConfigReader) throws -> Own
  ) throws {
    (listed, targets, predictsNumbers, conflict) = try listing(settings)
    classes = try settings.classNames(predictsNumbers: predictsNumbers)
    _ = try own(settings)
    source = try settings.grouped(listed)
    split = try settings.listedSplit(of: source)
    quarantineAtMost = try settings.double("quarantine-at-most", default: 0.01, in: 0...1)
    directory = try settings.optionalFilePath("keep-under") ?? "prepared"
    prepared = try settings.optionalFilePath("prepared")
    let others = operational + ["keep-under", "prepared", "quarantine-at-most"]
    let parts = source.parts.map { $0.map { "\($0)" } ?? "divided" }.joined(separator: ",")
    func text(without others: [String]) -> String {
      settings.settings.filter { setting in
        !others.contains { setting.path == $0 || setting.path.hasPrefix("\($0).") }
          && !(newer.contains(setting.path) && setting.text == "null")
      }.map { "\($0.path)=\($0.text)" }.joined(separator: "\n") + "\nparts=\(parts)"
    }
    (identity, packing) = (text(without: others), text(without: others + late))
  }

  var targetRequests: [ColumnRequest] { targets.map { ColumnRequest($0, predictsNumbers ? .numbers : .words) } }

  /// All that is to be collected, each once: also these columns, which a packer makes.
  func requests(with made: [RawField]) -> [ColumnRequest] {
    let own = made.map { ColumnRequest($0.name, .numbers) } + [ColumnRequest(source.path, .texts)]
    return (own + targetRequests + split.columns).reduce(into: []) { all, request in
      if !all.contains(request) { all.append(request) }
    }
  }
}

extension ConfigReader {
  fileprivate func classNames(predictsNumbers: Bool) throws -> [String]? {
    let named = try strings("classes", default: [])
    guard Set(named).count == named.count else {
      throw failure(at: "classes", "expected distinct names", cure: "name each class once")
    }
    guard named.isEmpty || !predictsNumbers else {
      throw failure(at: "classes", "expected none, as numbers are predicted, found some", cure: "leave it out")
    }
    guard named.count != 1 else {
      throw failure(
        at: "classes", "expected two classes at least, found one", cure: "name the others too, or leave it out")
    }
    return named.isEmpty ? nil : named
  }

  /// A listing with groups of its paths, where a pattern tells them.
  fileprivate func grouped(_ listed: any FileListing) throws -> any FileListing {
    defer {
      note(
        "group",
        ": a pattern of paths; what stands in braces is the column group, by which split: {hash: {by: group}} divides")
    }
    guard let text = try optionalString("group") else { return listed }
    guard let pattern = PathPattern(text) else {
      throw failure(
        at: "group", "expected a pattern of paths with a group in braces, found '\(text)'",
        cure: "write \"*/{*}-*.wav\", for example")
    }
    return GroupedListing(own: listed, pattern: pattern)
  }

  fileprivate func listedSplit(of source: any FileListing) throws -> any Split {
    let kinds: ConfigCases<any Split> = splitKinds.cases { try $0.init($1) }
    let split: any Split
    if source.namesParts {
      split = ListedSplit(source, within: try optionalChoice("split", kinds))
    } else {
      split = try choice("split", kinds, default: RandomSplit.kind)
      note("split", ": where test is named, of a split only what training is watched by counts")
    }
    if source is GroupedListing, !split.columns.contains(where: { $0.name == GroupedListing.column }) {
      throw failure(
        at: "group", "expected a split by it, found \(type(of: split).kind)",
        cure: "write split: {hash: {by: group, test: 0.2}}, or leave group out")
    }
    return split
  }
}
