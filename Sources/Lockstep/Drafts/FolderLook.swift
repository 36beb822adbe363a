import Diagnostics
import Files
import Foundation
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
      case .texts: ["txt", "txt.gz", "txt.zst"]
      }
    }

    fileprivate func has(_ path: String) -> Bool {
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
  private static let names = [
    "train": ["train", "training"], "validation": ["validation", "valid", "val", "dev"], "test": ["test", "testing"],
  ]

  let folder: String
  let kind: Kind
  /// Of training files, in the order of their bytes.
  let paths: [String]
  /// Of training files, the most frequent first.
  let classes: [(name: String, count: Int)]
  /// Empty where classes lie in the folder itself.
  let divisions: [Division]

  /// Throws a missing input (66) where there are no such files, and bad data (65) where they lie in no folders of classes.
  init(_ folder: String) throws {
    let all = try FilePaths.below(folder, endings: Kind.allCases.flatMap(\.endings))
    guard !all.isEmpty else {
      throw Failure(
        .missingInput, at: folder, "expected pictures, sounds or texts in a folder for each class, found none",
        cure: "check the path; of tables name the column to predict with --target")
    }
    let kind = Kind.allCases.max { one, other in
      all.count { one.has($0.path) } < all.count { other.has($0.path) }
    }!
    let files = all.filter { kind.has($0.path) }
    let first = Set(files.map { $0.folders.first ?? "" })
    divisions = Self.divisions(of: folder, first)
    let isDivided = !divisions.isEmpty
    let train = isDivided ? divisions[0].path.split(separator: "/").last.map(String.init) : nil
    var (paths, counts) = ([String](), [String: Int]())
    for file in files {
      guard !isDivided || file.folders.first == train else { continue }
      let folders = isDivided ? file.folders.dropFirst() : file.folders[...]
      guard let name = folders.first else {
        throw Failure(
          .badData, at: file.path, "expected \(kind.plural) in a folder for each class, found one without",
          cure: "put the \(kind.plural) of each class into a folder of its name"
            + (kind == .texts ? "" : ", or name a table of their paths as the configuration's source"))
      }
      paths.append(file.path)
      counts[name, default: 0] += 1
    }
    guard counts.count > 1 else {
      throw Failure(
        .badData, at: folder, "expected folders of two classes at least, found '\(counts.keys.first ?? "")' alone",
        cure: "put the \(kind.plural) of another class into a folder beside it")
    }
    (self.folder, self.kind, self.paths) = (folder, kind, paths)
    classes = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// Where all folders in the folder have names of parts, and one of them is of training.
  private static func divisions(of folder: String, _ found: Set<String>) -> [Division] {
    let parts = ["train", "validation", "test"].compactMap { key in
      found.first { names[key]!.contains($0.lowercased()) }.map { Division(key: key, path: "\(folder)/\($0)") }
    }
    return parts.count == found.count && parts.first?.key == "train" && parts.count > 1 ? parts : []
  }

  /// The training files that are opened.
  var sample: [String] {
    let count = min(paths.count, Self.most)
    return (0..<count).map { paths[$0 * paths.count / count] }
  }

  /// `3 classes: cat 50.0 %, dog 30.0 %, bird 20.0 %`
  var comment: String {
    let shares = classes.prefix(4).map { "\($0.name) \(TableDraft.percent($0.count, of: paths.count))" }
    return "\(classes.count) classes: \(shares.joined(separator: ", "))\(classes.count > 4 ? ", …" : "")"
  }

  /// Lines of the data: where files are, and how they are divided.
  func lines(_ place: DraftPlace) -> [String] {
    guard !divisions.isEmpty else {
      return [
        "    train: \(place.path(folder))   # \(comment)",
        "    split: {stratified: {test: 0.2, validation: 0.1}}   # training is watched by validation \(kind.plural) alone",
      ]
    }
    let lines = divisions.enumerated().map {
      "    \($1.key): \(place.path($1.path))\($0 == 0 ? "   # \(comment)" : "")"
    }
    guard !divisions.contains(where: { $0.key == "validation" }) else { return lines }
    return lines + ["    split: {stratified: {validation: 0.1}}   # training is watched by these \(kind.plural) alone"]
  }

  /// Of the files that are trained on.
  var trainingCount: Int { divisions.isEmpty ? max(1, paths.count * 7 / 10) : paths.count }

  /// A line where one class has much less than its share.
  var advice: [String] {
    guard let least = classes.last, Double(least.count * classes.count) < 0.6 * Double(paths.count) else { return [] }
    return ["# Some classes are seldom: cross-entropy takes class-weights, one a class, to weigh them up."]
  }

  /// What would stop a run: more than 1 % of the files that were opened cannot be read.
  ///
  /// Throws where none can.
  func note(of faults: [String]) throws -> [String] {
    guard let first = faults.first, 100 * faults.count > sample.count else { return [] }
    let of = "\(grouped(faults.count)) of \(grouped(sample.count)) \(kind.plural)"
    guard faults.count < sample.count else {
      throw Failure(
        .badData, at: folder, "none of \(grouped(sample.count)) \(kind.plural) can be read: \(first)",
        cure: "convert them")
    }
    return [
      "\(of) cannot be read, and more than 1 % stop a run; the first is \(first); correct them, or raise quarantine-at-most"
    ]
  }
}

/// How long to train, in batches of a sensible size.
struct PaceDraft {
  let batch: Int
  let epochs: Int

  /// So that about `samples` are seen in all, in `epochs` passes, and each class some hundred times.
  init(count: Int, samples: Int, epochs: ClosedRange<Int>) {
    batch = count < 500 ? 16 : count < 5_000 ? 32 : 64
    self.epochs = min(epochs.upperBound, max(epochs.lowerBound, samples / max(1, count)))
  }

  /// Loss to seed.
  func lines(rate: String, decay: String = "0.05") -> [String] {
    [
      "loss: cross-entropy", "metrics: [accuracy, f1]",
      "optimizer: {adamw: {learning-rate: \(rate), weight-decay: \(decay)}}", "schedule: {cosine: {warmup: 50}}",
      "epochs: \(epochs)", "batch: \(batch)", "micro-batch: \(batch / 2)", "observers: [report]", "seed: 1",
    ]
  }
}
