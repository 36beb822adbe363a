import Diagnostics
import Foundation
import Tables

/// What becomes of listed files of one kind, pictures or sounds: all that sources of them do not have in common.
package protocol ListedContent: Sendable {
  /// What keeps files, or what was made of them, as they are looked at.
  associatedtype Shelf: FileShelf
  /// What was kept of them.
  associatedtype Prepared: PreparedFiles
  /// Makes samples of files that are not kept.
  associatedtype Maker: LooseMaker
  typealias Fitted = Prepared.Fitted

  static var kind: ListedKind { get }
  var files: ListedSettings { get }
  /// What decides, besides files and seed, what is kept of them.
  var keptIdentity: String { get }
  /// The most samples that become of one file.
  var clips: Int { get }

  /// A new shelf in an empty folder.
  func shelf(in directory: String) throws -> Shelf
  /// Writes what each part has of what stands on a shelf; returns what is told of it.
  func keep(_ parts: ListedParts, of shelf: Shelf, _ packed: PackedFiles) throws -> Prepared.Summary
  /// Opens a folder; `isNew` where this process has just made it, so that its digests need not be taken again.
  func opened(_ directory: String, isNew: Bool) throws -> Prepared
  /// What makes samples as those became that a model was trained on.
  func maker(_ fitted: Fitted) throws -> Maker
}

/// What all kinds tell of what was packed.
package struct PackedFiles {
  /// Of the names and bytes of all files that were listed, and of the table that lists them.
  let raw: String
  /// Of each file's part; and how many each part has.
  let split: String
  let rows: [String: Int]
  let aside: SetAside
  /// Folder, table or archive, without the folders that it lies in.
  let sources: [String]
}

/// Digests and counts of what was kept, as `prepared.json` has them, that all kinds have.
package protocol PreparedSummary: Sendable, Equatable, Codable {
  var raw: String { get }
  var split: String { get }
  /// Of all that was prepared.
  var prepared: String { get }
  /// The classes of training files, in the order of the outputs; nil: numbers are predicted.
  var classes: [String]? { get }
  var rows: [String: Int] { get }
  var aside: SetAside { get }
  var sources: [String] { get }
}

/// What files become, as a checkpoint keeps it: all that is needed to make samples of other ones.
package protocol FittedFiles: Sendable, Equatable, Codable {
  /// The classes that are predicted, in the order of the outputs; nil: numbers are.
  var classes: [String]? { get }
  var targets: [String] { get }
  /// The libraries that decoded the training files.
  var decoder: String { get }
  /// The versions of the same libraries that this program has.
  var decoderNow: String { get }
  /// `28×28 grey, 10 classes, decoded by …`
  var summary: String { get }
  /// Throws bad data where it is none.
  init(json: String) throws
}

extension FittedFiles {
  /// With sorted keys.
  package var json: String { get throws { try sortedJSON(self) } }
}

/// What was kept of listed files, in a folder of its own, mapped into memory.
package protocol PreparedFiles: AnyObject, Sendable {
  associatedtype Fitted: FittedFiles
  associatedtype Summary: PreparedSummary

  var directory: String { get }
  var fitted: Fitted { get }
  /// The same as a checkpoint keeps it.
  var fittedText: String { get }
  var summary: Summary { get }
  var parts: KeptParts { get }
  /// The names of the files of a part, in their order.
  func names(of part: Part) -> [String]
  /// Which of them each sample of a part is of; nil: each is of its own.
  func files(of part: Part) -> [Int32]?
  /// What was read, what was set aside, and what came of it: lines of text.
  func report() -> String
}

extension PreparedFiles {
  package func files(of part: Part) -> [Int32]? { nil }

  /// What is told of what lies in a directory; nil where that is nothing prepared.
  package static func summary(of directory: String) -> Summary? {
    let text = try? Data(contentsOf: URL(fileURLWithPath: KeptNames(directory).summary))
    return text.flatMap { try? JSONDecoder().decode(Summary.self, from: $0) }
  }

  /// The same; throws bad data where it is none that these settings can use.
  static func summary(
    of directory: String, _ kind: ListedKind, _ settings: ListedSettings, isUsable: (Summary) -> Bool = { _ in true }
  ) throws -> Summary {
    if let found = summary(of: directory), (found.classes == nil) == settings.predictsNumbers, isUsable(found) {
      return found
    }
    let path = KeptNames(directory).summary
    if access(path, R_OK) != 0, errno == EACCES {
      throw Failure.system(
        "open", path, errno: EACCES, reading: true, cure: "ask who prepared it for the right to read it")
    }
    throw Failure(
      .badData, at: directory, "expected prepared \(kind.plural), found a damaged folder", cure: "delete it")
  }
}
