import Datasets
import Diagnostics
import Tensors

/// What a sample is to augmentations.
public struct SampleForm: Sendable {
  /// What the axes of a sample mean.
  public enum Content: Sendable {
    /// Height×width×channels.
    case picture
    /// Time×features, as a spectrogram is.
    case sequence
    /// A row of a table.
    case row
    /// Places in a vocabulary, as whole floats.
    case tokens
  }

  public let shape: Shape
  public let content: Content
  /// The float of the brightest pixel of a picture, the darkest being 0: 255 for bytes, else 1.
  public let white: Float

  public init(shape: Shape, content: Content, white: Float = 1) {
    (self.shape, self.content, self.white) = (shape, content, white)
  }

  /// Of the samples of a dataset.
  package init(_ dataset: Dataset) {
    shape = dataset.shape
    white = if case .bytes = dataset.features { 255 } else { 1 }
    content =
      if case .windows = dataset.features { .tokens } else if dataset.ends.tokens != nil { .tokens } else {
        switch dataset.shape.extents.count {
        case 1: .row
        case 2: .sequence
        default: .picture
        }
      }
  }

  /// Rows of pixels; of a sequence, its frames.
  public var height: Int { shape.extents[0] }
  /// Pixels of a row; of a sequence, features of a frame.
  public var width: Int { shape.extents.count > 1 ? shape.extents[1] : 1 }
  /// Numbers of a pixel.
  public var channels: Int { shape.extents.count > 2 ? shape.extents[2] : 1 }
  /// Height times width.
  public var pixels: Int { height * width }

  /// `pictures of 28×28×1`, for messages.
  var text: String {
    switch content {
    case .picture where shape.extents.count == 3: "pictures of \(shape)"
    case .picture: "samples of \(shape)"
    case .sequence: "sequences of \(shape)"
    case .row: "rows of \(shape) \(shape.count == 1 ? "column" : "columns")"
    case .tokens: "texts of \(shape) tokens"
    }
  }
}

/// The training samples, for augmentations that have to know something of them.
public struct TrainingSamples: Sendable {
  public let form: SampleForm
  /// Unaugmented, as they are in the data.
  public let dataset: Dataset
  /// The columns of a table, each with the features that it became; empty where samples are no rows.
  public let columns: [(name: String, features: Range<Int>)]

  /// Of texts: how many tokens a vocabulary has, and the place of the one behind the end of a short text, where there is such.
  public let vocabulary: (count: Int, padding: Int?)?

  /// Those of a dataset; `columns` is empty where each feature is one.
  public init(
    _ dataset: Dataset, columns: [(name: String, features: Range<Int>)] = []
  ) {
    (self.dataset, form) = (dataset, SampleForm(dataset))
    let own = dataset.ends.tokens.map { ($0.count, $0.padding) }
    vocabulary = own ?? (dataset.isText ? dataset.classNames.map { ($0.count, nil) } : nil)
    self.columns = columns.isEmpty && form.content == .row ? Self.columns(of: dataset) : columns
  }

  private static func columns(of dataset: Dataset) -> [(name: String, features: Range<Int>)] {
    (0..<dataset.shape.count).map { (dataset.featureNames?[$0] ?? "\($0 + 1)", $0..<$0 + 1) }
  }

  /// The features of the columns of these names, of all where there are none, column by column.
  ///
  /// Throws where a column is not there.
  func features(of names: [String]) throws -> [Range<Int>] {
    guard !names.isEmpty else { return columns.map(\.features) }
    return try names.map { name in
      if let column = columns.first(where: { $0.name == name }) { return column.features }
      let near = nearest(to: name, among: columns.map(\.name))
      throw AugmentationMisfit(
        expected: "columns of the data", found: "'\(name)'",
        cure: near.map { "did you mean '\($0)'?" } ?? "columns are \(columns.map(\.name).joined(separator: ", "))")
    }
  }

  /// Throws where they are no pictures; or where `channels` is given, none of so many channels.
  public func requirePictures(channels: Int? = nil) throws {
    guard form.content == .picture, form.shape.extents.count == 3 else {
      throw misfit("pictures (height×width×channels)")
    }
    guard channels == nil || channels == form.channels else {
      throw misfit("pictures of \(channels!) channels")
    }
    guard case .floats(let values) = dataset.features else { return }
    guard let place = values.firstIndex(where: { !($0 >= 0 && $0 <= form.white) }) else { return }
    throw AugmentationMisfit(
      expected: "pictures whose floats are 0…1", found: "\(values[place]) in sample \(place / form.shape.count)",
      cure: "divide them by what white is, and leave their mean and deviation to standardise")
  }

  /// What is not what was expected, with a word on what there is for such samples.
  func misfit(_ expected: String) -> AugmentationMisfit {
    let others =
      switch form.content {
      case .picture: "flip, random-crop and others are for pictures"
      case .sequence: "spec-augment, shift and noise are for sequences"
      case .row: "noise and swap are for rows of tables"
      case .tokens: "mask-tokens and drop-tokens are for texts"
      }
    return AugmentationMisfit(expected: expected, found: form.text, cure: "leave it out; \(others)")
  }
}
