import Diagnostics
import Files
import Formats
import Pictures
import Sounds

/// What is in a folder of files, a folder a class: their paths, and what they are for.
///
/// ```
/// animals/cat/1.jpg            classes alone: a split divides them
/// animals/train/cat/1.jpg      a folder for each part
/// animals/test/cat/7.jpg
/// ```
struct FolderLook {
  /// What most of the files are.
  enum Kind: CaseIterable {
    case pictures, sounds, texts

    var noun: String { String(plural.dropLast()) }

    var plural: String {
      switch self {
      case .pictures: "pictures"
      case .sounds: "sounds"
      case .texts: "texts"
      }
    }

    fileprivate var endings: [String] {
      switch self {
      case .pictures: PictureKind.endings
      case .sounds: SoundKind.endings
      case .texts: TextFilesFormat.usualEndings
      }
    }

    func has(_ path: String) -> Bool {
      let path = path.lowercased()
      return endings.contains { path.hasSuffix(".\($0)") }
    }
  }

  /// A folder for a part of the data: the key that a configuration has for it, and its path.
  struct Division {
    let key: String
    let path: String
  }

  /// How many files are opened, evenly spread over all of them.
  private static let most = 300

  let folder: String
  let kind: Kind
  /// Empty where classes lie in the folder itself.
  let divisions: [Division]
  /// How many files are trained on, before a split takes some of them.
  let count: Int
  /// Of these, the most frequent first.
  let classes: [(name: String, count: Int)]
  /// Files of all parts that are opened.
  let sample: [String]
  /// What is left out, a line each.
  let notes: [String]

  /// nil where there are no such files at all.
  ///
  /// Throws bad data (65) where files lie in no folders of classes, or all in one.
  init?(_ folder: String) throws {
    let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let all = try FilePaths.below(folder, endings: Kind.allCases.flatMap(\.endings))
    let found = Dictionary(grouping: all) { file in Kind.allCases.first { $0.has(file.path) }! }
    // Of equally many files those are meant that come first: a text may tell of each picture.
    guard !all.isEmpty, let most = found.values.map(\.count).max(),
      let kind = Kind.allCases.first(where: { found[$0]?.count == most }), let files = found[kind]
    else { return nil }
    let divided = try FolderParts(folder, files)
    let train = divided.divisions.isEmpty ? files : divided.files["train"]!
    let depth = divided.divisions.isEmpty ? 0 : 1
    var (counts, loose) = ([String: Int](), [String]())
    for file in train {
      if let name = Self.label(kind, file.folders.dropFirst(depth)) {
        counts[name, default: 0] += 1
      } else {
        loose.append(file.path)
      }
    }
    guard let any = counts.keys.first else {
      throw Failure(
        .badData, at: folder, "expected a folder for each class, found \(kind.plural) alone",
        cure: "put the \(kind.plural) of each class into a folder of its name")
    }
    guard counts.count > 1 else {
      let isPart = FolderParts.key(of: any) != nil
      throw Failure(
        .badData, at: folder, "expected folders of two classes at least, found '\(any)' alone",
        cure: isPart
          ? "if that is a folder of classes, name it: \(folder)/\(any)"
          : "put the \(kind.plural) of another class into a folder beside it")
    }
    var notes = divided.notes
    for other in Kind.allCases where other != kind {
      guard let count = found[other]?.count else { continue }
      let verb = count == 1 ? "is" : "are"
      notes.append("\(Diagnostics.count(count, other.noun)) beside the \(kind.plural) \(verb) left out")
    }
    if let first = loose.first {
      let (lies, its) = loose.count == 1 ? ("lies", "it is") : ("lie", "they are")
      notes.append(
        "\(Diagnostics.count(loose.count, kind.noun)) \(lies) in no folder of a class: \(its) set aside; the first is \(first)"
      )
    }
    // Texts of other parts are no part of the configuration.
    for (key, files) in divided.files.sorted(by: { $0.key < $1.key }) where kind != .texts {
      let strange = Set(files.compactMap { Self.label(kind, $0.folders.dropFirst(depth)) }).subtracting(counts.keys)
      if let one = strange.min() {
        notes.append("the class '\(one)' is in \(key) alone, which stops a run; remove its folder")
      }
    }
    let opened = divided.divisions.isEmpty ? files : divided.divisions.flatMap { divided.files[$0.key]! }
    (self.folder, self.kind, divisions, count, self.notes) = (folder, kind, divided.divisions, train.count, notes)
    classes = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    let some = min(opened.count, Self.most)
    sample = (0..<some).map { opened[$0 * opened.count / some].path }
  }

  /// The class of a file in these folders: texts in folders in folders have all of their names.
  private static func label(_ kind: Kind, _ folders: ArraySlice<String>) -> String? {
    folders.first.map { kind == .texts ? folders.joined(separator: "/") : $0 }
  }
}

/// The folders of training, validation and test files, where there are such.
struct FolderParts {
  let divisions: [FolderLook.Division]
  /// By key.
  let files: [String: [FilePaths.Found]]
  let notes: [String]

  private static let names = [
    "train": ["train", "training"], "validation": ["validation", "valid", "val", "dev"], "test": ["test", "testing"],
  ]

  /// `train` of a folder `Training`
  static func key(of folder: String) -> String? {
    names.first { $0.value.contains(folder.lowercased()) }?.key
  }

  /// There are parts where training files and others lie in folders in folders of their names.
  init(_ folder: String, _ all: [FilePaths.Found]) throws {
    let own = Dictionary(grouping: all) { $0.folders.first ?? "" }
    let parts = own.filter { name, files in Self.key(of: name) != nil && files.contains { $0.folders.count > 1 } }
    let known = Dictionary(grouping: parts.keys.sorted()) { Self.key(of: $0)! }
    guard known["train"] != nil, known.count > 1 else {
      (divisions, files, notes) = ([], [:], [])
      return
    }
    if let (key, folders) = known.sorted(by: { $0.key < $1.key }).first(where: { $0.value.count > 1 }) {
      throw Failure(
        .badData, at: folder, "expected one folder of \(key), found \(folders.joined(separator: " and "))",
        cure: "put their files into one")
    }
    divisions = ["train", "validation", "test"].compactMap { key in
      known[key].map { FolderLook.Division(key: key, path: "\(folder)/\($0[0])") }
    }
    files = known.mapValues { own[$0[0]]! }
    notes = own.keys.filter { parts[$0] == nil }.sorted().map {
      $0.isEmpty
        ? "files beside the folders of training and test files are left out"
        : "\(folder)/\($0) is left out: it is no folder of training, validation or test files"
    }
  }
}
