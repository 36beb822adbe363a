import Configuration
import Datasets
import Diagnostics
import Preparation

/// Images in the IDX format of the MNIST family, and beside them a file of their labels, or of numbers to be predicted.
public struct IDXSource: Source {
  public static let kind = "idx"
  public static let summary = "images in the IDX format of MNIST, with labels, numbers or pictures to predict"
  public static let pathSettings = [
    "train.images", "train.labels", "train.targets", "test.images", "test.labels", "test.targets",
  ]

  /// Images, and the file of their labels, or of what else is to be predicted.
  public struct Files: Sendable {
    package let images: String
    package let targets: String

    /// Paths of the two files.
    public init(images: String, targets: String) { (self.images, self.targets) = (images, targets) }
  }

  /// What the targets of images are.
  public enum Target: Sendable {
    /// Labels; `names` nil means 0, 1, …
    case classes(names: [String]?)
    /// Numbers, rows of them or pictures, each number divided by `divisor`.
    case values(divisor: Float)
  }

  package let train: Files
  package let test: Files?
  package let target: Target

  /// Files for training, and perhaps for testing.
  public init(train: Files, test: Files? = nil, target: Target = .classes(names: nil)) {
    (self.train, self.test, self.target) = (train, test, target)
  }

  public init(_ settings: ConfigReader) throws {
    let kind = try settings.option("kind", of: TargetKind.self, default: .classes)
    func files(_ settings: ConfigReader) throws -> Files {
      let (key, other) = kind == .values ? ("targets", "labels") : ("labels", "targets")
      if settings.contains(other), !settings.contains(key) {
        throw settings.failure(
          at: other, "expected \(key), as kind is \(kind.rawValue), found \(other)",
          cure: kind == .values ? "name the file under targets" : "set kind: values for targets that are no labels")
      }
      let found = Files(images: try settings.filePath("images"), targets: try settings.filePath(key))
      settings.note("labels", ", required with kind: classes", isRequired: false)
      try settings.noteOthers(", required with kind: values") { _ = try settings.filePath("targets") }
      return found
    }
    func divisor() throws -> Double {
      try settings.double("divisor", default: 1, in: Double(Float.leastNormalMagnitude)...1e30)
    }
    train = try files(settings.child("train"))
    test = try settings.optionalChild("test").map(files)
    switch kind {
    case .classes:
      target = .classes(names: try settings.distinctNames("classes"))
      try settings.noteOthers(", with kind: values") { _ = try divisor() }
    case .values: target = .values(divisor: Float(try divisor()))
    }
  }

  public func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) throws -> Dataset? {
    try (part == .train ? train : test).map { try read($0, names: schema?.classes) }
  }

  /// Labels are named by `names`, or else as the settings say.
  private func read(_ files: Files, names: [String]?) throws -> Dataset {
    switch target {
    case .classes(let own): try Dataset.idx(images: files.images, labels: files.targets, classNames: names ?? own)
    case .values(let divisor): try Dataset.idx(images: files.images, targets: files.targets, divisor: divisor)
    }
  }

  public func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset {
    guard let targets else {
      let what = if case .values = target { "targets" } else { "labels" }
      throw Failure(.usage, at: file, "expected \(what) beside the images", cure: "name their file with --labels")
    }
    return try read(Files(images: file, targets: targets), names: schema.classes)
  }

  public func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches {
    IDXBatches(try IDXStream(images: file), rows: rows)
  }
}

/// Images, some at a time.
private final class IDXBatches: SampleBatches {
  private var stream: IDXStream
  private let rows: Int

  init(_ stream: IDXStream, rows: Int) { (self.stream, self.rows) = (stream, rows) }

  func next() throws -> SampleBatch? { try stream.next(rows: rows).map { SampleBatch($0) } }
}
