import Communication
import Diagnostics
import Files
import Foundation
import Host
import Preparation
import Sources
import Synchronization

extension RunConfiguration {
  /// Prepares the data, where they have to be, and tells of it, and of what it took: lines of text; nil where they have not.
  package func preparationReport() throws -> String? {
    let clock = ContinuousClock()
    let start = clock.now
    try requireRecipeTable()
    guard let report = try data.prepare(seed: seed) else { return nil }
    let seconds = (clock.now - start) / .seconds(1)
    // Nobody tells it where there is no /proc.
    let peak = PeakMemory.bytes
    let memory = peak > 0 ? " and at most \(byteText(Double(peak))) of memory, pages of mapped files among them" : ""
    return "\(report)took \(fixed(seconds, 1)) s\(memory)\n"
  }

  /// Writes the part of each raw row to a CSV file; false where data are not divided by the program, and no file is there.
  ///
  /// Throws a usage error (64) where the file is there and is another one, such as the table itself.
  package func writeParts(to path: String) throws -> Bool {
    try requireParts(path)
    let file = try OutputFile(path)
    guard try data.writeParts(seed: seed, to: file) else { return false }
    try file.finish()
    return true
  }

  /// Throws a missing input (66) where the table, or text, of a recipe is not where that looks for it, and tells where it comes from.
  func requireRecipeTable() throws {
    if isRecipe, let files = data as? any ListedSource { try requireFolders(files) }
    if isRecipe, let text = data as? TextSource, !exists(text.file),
      text.file.split(separator: "/").last.map(String.init) == "\(name).txt"
    {
      throw Failure(
        .missingInput, at: text.file, "expected the recipe's text, found none",
        cure: "get it with scripts/data \(name)")
    }
    guard isRecipe, let table = data as? TableSource, table.settings.prepared == nil,
      let files = try? table.settings.source.sources(), files.count == 1, !exists(files[0]),
      files[0].split(separator: "/").last.map(String.init) == "\(name).csv"
    else { return }
    throw Failure(
      .missingInput, at: files[0], "expected the recipe's table, found none", cure: "get it with scripts/data \(name)")
  }

  private func requireFolders(_ source: some ListedSource) throws {
    let (files, plural) = (source.settings.files, type(of: source.settings).kind.plural)
    guard files.prepared == nil, let folder = (files.listed as? ListedFolders)?.folders.first?.path, !exists(folder)
    else { return }
    throw Failure(
      .missingInput, at: folder, "expected the recipe's \(plural), found none",
      cure: "get them with scripts/data \(name)")
  }

  /// Refuses a file that parts cannot be written to: one that is there and does not begin as they do.
  package func requireParts(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return }
    let header = TablePreparer.partsHeader
    let begin = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)).read(upToCount: header.utf8.count)
    guard begin.map({ Array($0) }) != Array(header.utf8) else { return }
    throw Failure(
      .usage, at: path, "expected a new file, or an earlier one of --parts, found another one",
      cure: "name another file")
  }

  /// Lets rank zero prepare the data, where they have to be, and the others take what it made: it alone looks at what is raw,
  /// so that all ranks have one state of a database, and files are read once.
  ///
  /// A rank whose disks are others prepares its own; whether that is the same is seen when data are compared. All ranks call
  /// it.
  func prepareData(in world: any Communicator) throws {
    guard world.size > 1, let folder = data.preparationFolder else { return }
    OutOfMemory.note("preparing the data")
    let own = try SignsOfLife.noting(while: {
      try world.agree {
        guard world.rank == 0 else { return String?.none }
        try requireRecipeTable()
        return try data.preparedName(seed: seed)
      }
    }) {
      let growth = FolderGrowth(folder)
      return { growth.hasGrown }
    }
    let name = try world.allGather(own ?? "")[0]
    try world.agree { if world.rank > 0 { try data.take(prepared: name, seed: seed) } }
  }
}
