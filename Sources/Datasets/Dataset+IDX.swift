import Diagnostics
import Tensors

extension Dataset {
  /// Images and labels in the IDX format of the MNIST family, gzipped or not, as their content says.
  ///
  /// Images are N×H×W, N×H×W×C or N×F of unsigned bytes or 32-bit floats; samples have the shape H×W×1, H×W×C or F.
  /// Labels are N unsigned bytes; without `labels` there are no targets.
  ///
  /// `classNames` names the classes and says how many there are; without it they are named 0, 1, … up to `classCount`,
  /// or up to the highest label where that is nil too. Data to be evaluated should get the training data's names.
  ///
  /// Throws missing input (66) for a file that is not there or cannot be read, and bad data (65) for one that is not
  /// of this form, damaged, cut off or too long, for labels that are not as many as images, and for labels outside of
  /// the classes.
  public static func idx(
    images: String, labels: String? = nil, classNames: [String]? = nil, classCount: Int? = nil
  ) throws(Failure) -> Dataset {
    let array = try IDXArray(images, content: "images", ranks: 2...4, types: [.byte, .float])
    let extents = array.extents.dropFirst()
    let shape = Shape(extents.count == 2 ? extents + [1] : Array(extents))
    let targets: Targets =
      if let labels {
        try Self.labels(labels, count: array.extents[0], of: images, classNames: classNames, classCount: classCount)
      } else {
        .none
      }
    return Dataset(source: images, shape: shape, features: array.elements, targets: targets)
  }

  private static func labels(
    _ path: String, count: Int, of images: String, classNames: [String]?, classCount: Int?
  ) throws(Failure) -> Targets {
    let array = try IDXArray(path, content: "labels", ranks: 1...1, types: [.byte])
    guard array.extents[0] == count else {
      throw Failure(
        .badData, at: path, "expected \(count) labels, as many as images in \(images), found \(array.extents[0])",
        cure: "name the labels that belong to these images")
    }
    guard case .bytes(let labels) = array.elements else { preconditionFailure("labels are bytes") }
    let highest = labels.max() ?? 0
    let classes = classNames?.count ?? classCount ?? Int(highest) + 1
    if Int(highest) >= classes {
      let sample = labels.firstIndex { $0 >= classes } ?? 0
      throw Failure(
        .badData, at: path, "expected labels in 0..<\(classes), found \(labels[sample]) for sample \(sample)",
        cure: "name every class, or correct the label")
    }
    return .classes(labels.map { Int32($0) }, names: classNames ?? (0..<classes).map(String.init))
  }
}
