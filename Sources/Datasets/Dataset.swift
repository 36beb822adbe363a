import Diagnostics
import Files
import Tensors

/// Samples in memory, or in files that are mapped into it: features of one shape each, and what is to be predicted from them.
///
/// ```swift
/// let train = try Dataset.idx(images: "train-images-idx3-ubyte.gz", labels: "train-labels-idx1-ubyte.gz")
/// train.count  // 60000
/// train.shape  // 28×28×1
/// ```
///
/// Immutable, and shared by all lanes of a rank. Features keep the compact form of their file; `gather` makes floats
/// of those that a micro-batch needs.
public final class Dataset: Sendable {
  /// The features of all samples, row-major, one sample after the other.
  public enum Features: Sendable {
    case bytes([UInt8])
    case floats([Float])
    /// Floats of a file, of which memory holds what was gathered lately.
    case mapped(MappedArray<Float>)
    /// Windows on one sequence of tokens.
    case windows(TokenWindows)
    /// What is decoded as it is gathered: pictures.
    case decoded(any DecodedSamples)

    /// How many numbers.
    public var count: Int {
      switch self {
      case .bytes(let values): values.count
      case .floats(let values): values.count
      case .mapped(let values): values.count
      case .windows(let windows): windows.count * windows.length
      case .decoded(let samples): samples.count * samples.shape.count
      }
    }
  }

  /// What is to be predicted for each sample.
  public enum Targets: Sendable, Equatable {
    /// One class a sample, an index into `names`.
    case classes([Int32], names: [String])
    /// `width` numbers a sample, row-major.
    case values([Float], width: Int)
    /// The same, in a file.
    case mappedClasses(MappedArray<Int32>, names: [String])
    case mappedValues(MappedArray<Float>, width: Int)
    /// At each position of a window of tokens, the token that follows it.
    case following(names: [String])
    /// Unknown: the data are there to be predicted.
    case none
  }

  /// Where the samples come from, as messages name it: a path, or the name of a generator.
  public let source: String
  /// How many samples.
  public let count: Int
  /// The features of one sample, channels last: `28×28×1`, or `4` for a table of four columns.
  public let shape: Shape
  /// Of all samples, one after the other, each in row-major order.
  public let features: Features
  /// Columns of a table that have to be standardised before they are rounded to the floats of `features`.
  public let wide: WideColumns
  /// Of all samples, one after the other.
  public let targets: Targets
  /// What each sample weighs in the loss, finite and at least 0; nil: 1 each.
  public let weights: Weights?
  /// Columns that no network sees and figures look at, by name; mostly none.
  public let auxiliary: [String: AuxiliaryColumn]
  /// Which file each sample is of, ascending, where a file may have several, as a recording that is cut into clips; nil: each has its
  /// own.
  public let files: [Int32]?
  /// The columns of a table, in the order of the features; nil for images.
  public let featureNames: [String]?
  /// The columns of a table that the targets come from, in the order of the targets; nil for images.
  public let targetNames: [String]?
  /// What is done to features as they are gathered, in this order.
  public let transforms: [any FittedTransform]
  /// The form of one sample's value targets: `3` for three columns, `28×28×1` for a picture; nil where they are no values.
  public let targetShape: Shape?
  /// What was fitted to the rows that became these samples, as a checkpoint keeps it; nil where they were made otherwise.
  public let preparation: String?
  /// What a network of these samples has before and behind its layers.
  public let ends: NetworkEnds

  /// Data that are in memory already; counts and class numbers that do not fit are a programmer's mistake.
  ///
  /// `targetShape` is that of value targets; nil means a row of their width.
  public init(
    source: String, shape: Shape, features: Features, targets: Targets, featureNames: [String]? = nil,
    targetNames: [String]? = nil, targetShape: Shape? = nil, weights: Weights? = nil, wide: WideColumns = WideColumns(),
    transforms: [any FittedTransform] = [], preparation: String? = nil, ends: NetworkEnds = NetworkEnds(),
    auxiliary: [String: AuxiliaryColumn] = [:], files: [Int32]? = nil
  ) {
    precondition(shape.count > 0, "a sample needs features, found shape \(shape)")
    precondition(
      features.count % shape.count == 0, "\(features.count) numbers are no whole samples of shape \(shape)")
    if case .decoded(let samples) = features {
      precondition(samples.shape == shape, "samples of shape \(samples.shape) are not \(shape)")
    }
    self.source = source
    count = features.count / shape.count
    self.shape = shape
    self.features = features
    self.targets = targets
    self.wide = wide
    self.weights = weights
    self.auxiliary = auxiliary
    self.files = files
    self.transforms = transforms
    (self.preparation, self.ends) = (preparation, ends)
    self.featureNames = featureNames
    self.targetNames = targetNames
    if let width = targets.width {
      self.targetShape = targetShape ?? [width]
    } else {
      self.targetShape = nil
    }
    if let featureNames {
      precondition(featureNames.count == shape.count, "\(featureNames.count) names for \(shape.count) features")
    }
    for (place, column) in wide.values {
      precondition(
        (0..<shape.count).contains(place) && column.count == count, "column \(place) has \(column.count) numbers")
    }
    if let weights {
      precondition(weights.count == count, "\(weights.count) weights for \(count) samples")
      precondition(weights.areUsable, "a weight is negative, or no number")
    }
    for (name, column) in auxiliary {
      precondition(column.count == count, "column \(name): \(column.count) values for \(count) samples")
    }
    if let files { precondition(files.count == count, "\(files.count) files' numbers for \(count) samples") }
    switch targets {
    case .classes(_, let names), .mappedClasses(_, let names):
      let found = targets.count
      targets.forEachBlockOfClasses { classes in
        precondition(classes.allSatisfy { names.indices.contains(Int($0)) }, "a class is outside of 0..<\(names.count)")
      }
      precondition(found == count, "\(found) classes for \(count) samples")
    case .values(_, let width), .mappedValues(_, let width):
      let found = targets.count
      precondition(width > 0 && found == count * width, "\(found) values for \(count)×\(width) targets")
      precondition(targetShape.map { $0.count == width } ?? true, "\(width) targets of shape \(targetShape!)")
      precondition(targetNames.map { $0.count == width } ?? true, "\(targetNames!.count) names for \(width) targets")
    case .following:
      guard case .windows = features else { preconditionFailure("\(source) has no tokens that follow") }
    case .none: break
    }
  }

  /// The same data, whose features are changed by `transforms` wherever they are gathered, and by no others.
  ///
  /// Throws bad data where one of them was taken from samples of another form.
  public func transformed(by transforms: [any FittedTransform]) throws(Failure) -> Dataset {
    for transform in transforms { try transform.check(fits: self) }
    return Dataset(
      source: source, shape: shape, features: features, targets: targets, featureNames: featureNames,
      targetNames: targetNames, targetShape: targetShape, weights: weights, wide: wide, transforms: transforms,
      preparation: preparation, ends: ends, auxiliary: auxiliary, files: files)
  }

  /// The same data with their features as the transforms make them: floats, all in memory.
  public func gathered() -> Dataset {
    let buffer = FlatBuffer(count: count * shape.count)
    Array(0..<count).withUnsafeBufferPointer { gather($0, into: buffer.view) }
    return Dataset(
      source: source, shape: shape, features: .floats(buffer.view.array), targets: targets, featureNames: featureNames,
      targetNames: targetNames, targetShape: targetShape, weights: weights, preparation: preparation, ends: ends,
      auxiliary: auxiliary, files: files)
  }

  /// The names of the classes, or tokens, in the order of their numbers; nil where the targets are not classes.
  public var classNames: [String]? {
    switch targets {
    case .classes(_, let names), .mappedClasses(_, let names), .following(let names): names
    case .values, .mappedValues, .none: nil
    }
  }

  /// The columns of a table that value targets come from; nil for classes, tokens and images.
  public var valueNames: [String]? { targetShape == nil ? nil : targetNames }

  /// Whether the features are tokens, and each position has a target of its own.
  public var isText: Bool { if case .following = targets { true } else { false } }

  /// How many classes `gatherClasses` writes a sample: the length of a window of tokens, else 1.
  public var classesPerSample: Int { isText ? shape.count : 1 }

  /// How many numbers `gatherValues` writes a sample: the width of value targets, 1 for two classes, else nil.
  public var valueWidth: Int? {
    switch targets {
    case .values(_, let width), .mappedValues(_, let width): width
    case .classes(_, let names), .mappedClasses(_, let names): names.count == 2 ? 1 : nil
    case .following, .none: nil
    }
  }
}
