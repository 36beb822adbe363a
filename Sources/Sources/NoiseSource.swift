import Configuration
import Datasets
import Diagnostics
import Host
import Tensors

/// Generated: nothing to learn, for benchmarks.
public struct NoiseSource: Source {
  public static let kind = "noise"
  public static let summary = "random numbers of any shape: nothing to learn, for benchmarks"

  package let shape: [Int]
  package let classes: Int
  package let count: Int

  /// `count` samples of a shape, with labels of so many classes.
  public init(shape: [Int], classes: Int, count: Int) {
    (self.shape, self.classes, self.count) = (shape, classes, count)
  }

  public init(_ settings: ConfigReader) throws {
    shape = try settings.ints("shape", in: 1...(1 << 24))
    classes = try settings.int("classes", in: 1...(1 << 24))
    count = try settings.int("count", in: 1...(1 << 24))
    try settings.requireRoom(for: shape, count)
  }

  public var generated: (setting: String, samples: Int)? { ("count", count) }

  public func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) -> Dataset? {
    guard part == .train else { return nil }
    return Dataset.noise(shape: Shape(shape), classes: classes, count: count, seed: seed)
  }
}

/// Generated: a text of random tokens, for benchmarks.
public struct NoiseTextSource: Source {
  public static let kind = "noise-text"
  public static let summary = "random tokens: nothing to learn, for benchmarks"

  package let vocabulary: Int
  package let length: Int
  package let count: Int

  /// `count` windows of `length` random tokens.
  public init(vocabulary: Int, length: Int, count: Int) {
    (self.vocabulary, self.length, self.count) = (vocabulary, length, count)
  }

  public init(_ settings: ConfigReader) throws {
    vocabulary = try settings.int("vocabulary", in: 1...(1 << 24))
    length = try settings.int("length", in: 1...(1 << 24))
    count = try settings.int("count", in: 1...(1 << 24))
    try settings.requireRoom(for: [length], count)
  }

  public var generated: (setting: String, samples: Int)? { ("count", count) }

  public func read(_ part: Dataset.Part, seed: UInt64, like schema: Schema?) -> Dataset? {
    guard part == .train else { return nil }
    return Dataset.noiseText(vocabulary: vocabulary, length: length, count: count, seed: seed)
  }
}

extension ConfigReader {
  /// Refuses noise that there is not the memory for.
  fileprivate func requireRoom(for shape: [Int], _ count: Int) throws {
    let bytes = shape.reduce(4 * Double(count)) { $0 * Double($1) }
    let memory = Double(ProcessMemory.ofThisProcess.bytes)
    guard bytes > memory else { return }
    throw failure(
      at: "count",
      "expected at most \(byteText(memory)) of data, for which there is memory here, found \(byteText(bytes))",
      cure: "make it smaller")
  }
}
