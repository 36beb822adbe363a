import Configuration
import Datasets
import Diagnostics
import Foundation
import Tensors

/// Where the samples come from.
public enum DataConfiguration: Sendable {
  case idx(train: IDXFiles, test: IDXFiles?, target: IDXTarget)
  /// `header` is as in `Dataset.csv`.
  case csv(train: String, test: String?, target: Dataset.TableTarget, features: [String]?, header: Bool?)
  case twoClass(train: Int, test: Int)
  case text(file: String, TextSettings)
  /// Nothing to learn, for benchmarks.
  case noise(shape: [Int], classes: Int, count: Int)
  case noiseText(vocabulary: Int, length: Int, count: Int)

  /// Images, and the file of their labels, or of what else is to be predicted.
  public struct IDXFiles: Sendable {
    public let images: String
    public let targets: String
  }

  /// What the targets of images are.
  public enum IDXTarget: Sendable {
    /// Labels; `names` nil means 0, 1, …
    case classes(names: [String]?)
    /// Numbers, rows of them or pictures, each number divided by `divisor`.
    case values(divisor: Float)

    var names: [String]? { if case .classes(let names) = self { names } else { nil } }

    /// Reads images and targets; labels are named by `names`.
    func read(_ files: IDXFiles, names: [String]?) throws -> Dataset {
      switch self {
      case .classes: try Dataset.idx(images: files.images, labels: files.targets, classNames: names)
      case .values(let divisor): try Dataset.idx(images: files.images, targets: files.targets, divisor: divisor)
      }
    }
  }

  static func read(_ reader: ConfigReader) throws -> DataConfiguration {
    try reader.choice("data", kinds)
  }

  static var kinds: ConfigCases<DataConfiguration> {
    [
      "idx": { settings in
        let kind = try settings.option("kind", of: TargetKind.self, default: .classes)
        func files(_ settings: ConfigReader) throws -> IDXFiles {
          let (key, other) = kind == .values ? ("targets", "labels") : ("labels", "targets")
          if settings.contains(other), !settings.contains(key) {
            throw settings.failure(
              at: other, "expected \(key), as kind is \(kind.rawValue), found \(other)",
              cure: kind == .values ? "name the file under targets" : "set kind: values for targets that are no labels")
          }
          let found = IDXFiles(images: try settings.filePath("images"), targets: try settings.filePath(key))
          settings.note("labels", ", required with kind: classes", isRequired: false)
          try settings.noteOthers(", required with kind: values") { _ = try settings.filePath("targets") }
          return found
        }
        func divisor() throws -> Double {
          try settings.double("divisor", default: 1, in: Double(Float.leastNormalMagnitude)...1e30)
        }
        let train = try files(settings.child("train"))
        let test = try settings.optionalChild("test").map(files)
        switch kind {
        case .classes:
          let names = try optionalNames(settings, "classes")
          try settings.noteOthers(", with kind: values") { _ = try divisor() }
          return .idx(train: train, test: test, target: .classes(names: names))
        case .values:
          return .idx(train: train, test: test, target: .values(divisor: Float(try divisor())))
        }
      },
      "csv": { settings in
        let (train, test) = (try settings.filePath("train"), try settings.optionalFilePath("test"))
        let columns = try targetColumns(settings)
        let kind = try settings.option("kind", of: TargetKind.self, default: .classes)
        let features = try optionalNames(settings, "features")
        let header = try settings.optionalBool("header")
        let target: Dataset.TableTarget
        switch kind {
        case .values: target = .values(columns: columns)
        case .classes:
          if let columns, columns.count > 1 {
            throw settings.failure(
              at: "target", "expected one column of labels, found \(columns.count)",
              cure: "set kind: values for several columns of numbers, of zeros and ones too")
          }
          target = .classes(column: columns?.first, names: try optionalNames(settings, "classes"))
        }
        return .csv(train: train, test: test, target: target, features: features, header: header)
      },
      "text": { settings in
        let length = try settings.int("length", default: 64, in: 1...(1 << 20))
        return .text(
          file: try settings.filePath("file"),
          TextSettings(
            unit: try settings.option("unit", default: .characters), length: length,
            stride: try settings.optionalInt("stride", in: 1...(1 << 20)),
            vocabulary: try settings.optionalInt("vocabulary", in: 1...(1 << 21)),
            testShare: try settings.double("test-share", default: 0.1, in: 0..<1)))
      },
      "two-class": { settings in
        .twoClass(
          train: try settings.int("train", default: 4096, in: 1...(1 << 24)),
          test: try settings.int("test", default: 1024, in: 1...(1 << 24)))
      },
      "noise-text": { settings in
        let vocabulary = try settings.int("vocabulary", in: 1...(1 << 24))
        let (length, count) = (
          try settings.int("length", in: 1...(1 << 24)), try settings.int("count", in: 1...(1 << 24))
        )
        try requireRoom(for: [length], count, settings)
        return .noiseText(vocabulary: vocabulary, length: length, count: count)
      },
      "noise": { settings in
        let shape = try settings.ints("shape", in: 1...(1 << 24))
        let classes = try settings.int("classes", in: 1...(1 << 24))
        let count = try settings.int("count", in: 1...(1 << 24))
        try requireRoom(for: shape, count, settings)
        return .noise(shape: shape, classes: classes, count: count)
      },
    ]
  }

  /// Refuses noise that this host has not the memory for.
  private static func requireRoom(for shape: [Int], _ count: Int, _ settings: ConfigReader) throws {
    let bytes = shape.reduce(4 * Double(count)) { $0 * Double($1) }
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard bytes > memory else { return }
    throw settings.failure(
      at: "count",
      "expected at most \(fixed(memory / 1e9, 1)) GB of data, this host's memory, found \(fixed(bytes / 1e9, 1)) GB",
      cure: "make it smaller")
  }

  private enum TargetKind: String, CaseIterable { case classes, values }

  /// `target: price` or `target: [price, weight]`; nil where it is missing or null.
  private static func targetColumns(_ settings: ConfigReader) throws -> [String]? {
    guard let value = settings.value("target"), value.isList else {
      defer { settings.note("target", ", or a list of them") }
      return try settings.optionalString("target").map { [$0] }
    }
    let names = try settings.strings("target")
    guard !names.isEmpty else {
      throw settings.failure(
        at: "target", "expected at least one column, found an empty list", cure: "name one, or leave target out")
    }
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw settings.failure(at: "target", "\(twice) is named twice", cure: "name it once")
    }
    return names
  }

  /// A list of distinct names, at least one; nil where it is empty or missing.
  private static func optionalNames(_ settings: ConfigReader, _ key: String) throws -> [String]? {
    let names = try settings.strings(key, default: [])
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw settings.failure(at: key, "\(twice) is named twice", cure: "name it once")
    }
    return names.isEmpty ? nil : names
  }
}

extension DataConfiguration {
  /// Reads the training data.
  func train(seed: UInt64) throws -> Dataset {
    switch self {
    case .idx(let train, _, let target):
      try target.read(train, names: target.names)
    case .csv(let train, _, let target, let features, let header):
      try Dataset.csv(train, target: target, features: features, header: header)
    case .twoClass(let count, _): Dataset.twoClass(count: count, seed: seed, part: .train)
    case .text(let file, let settings): try Dataset.text(file, settings, part: .train)
    case .noise(let shape, let classes, let count):
      Dataset.noise(shape: Shape(shape), classes: classes, count: count, seed: seed)
    case .noiseText(let vocabulary, let length, let count):
      Dataset.noiseText(vocabulary: vocabulary, length: length, count: count, seed: seed)
    }
  }

  /// Reads the test data, where there are any, with the classes, features, targets and wide columns of the training data.
  func test(
    seed: UInt64, classes: [String]?, features: [String]?, targets: [String]?, wide: Set<Int>
  ) throws -> Dataset? {
    switch self {
    case .idx(_, let test, let target): try test.map { try target.read($0, names: classes) }
    case .csv(_, let test, let target, _, let header):
      try test.map {
        try Dataset.csv(
          $0, target: target.naming(classes: classes, columns: targets), features: features, header: header, wide: wide)
      }
    case .twoClass(_, let count): Dataset.twoClass(count: count, seed: seed, part: .test)
    case .text(let file, let settings):
      settings.testShare > 0 ? try Dataset.text(file, settings, part: .test, names: classes) : nil
    case .noise, .noiseText: nil
    }
  }
}

extension Dataset.TableTarget {
  /// The same columns, with the names of the training data's classes, or of its `columns` of numbers: which of them is
  /// the last may differ from file to file.
  func naming(classes: [String]?, columns: [String]?) -> Dataset.TableTarget {
    switch self {
    case .classes(let column, _): .classes(column: column, names: classes)
    case .values(columns: nil): .values(columns: columns)
    case .values, .none: self
    }
  }
}
