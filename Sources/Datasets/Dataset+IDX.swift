import Diagnostics
import Tensors

extension Dataset {
  /// Images and labels in the IDX format of the MNIST family, packed by gzip or zstd or not, as their content says.
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
    let targets: Targets =
      if let labels {
        try Self.labels(labels, count: array.extents[0], of: images, classNames: classNames, classCount: classCount)
      } else {
        .none
      }
    return Dataset(source: images, shape: array.sampleShape, features: array.elements, targets: targets)
  }

  /// Images and numbers to be predicted for each, both in the IDX format: a number, a row of them, or a picture.
  ///
  /// `targets` are N, N×W, N×H×W or N×H×W×C of unsigned bytes or 32-bit floats; what is predicted for a sample has the
  /// shape 1, W, H×W×1 or H×W×C. Each number is divided by `divisor`: 255 brings bytes to 0…1.
  ///
  /// Throws as `idx(images:labels:)` does, and bad data (65) for targets that are not as many as images.
  public static func idx(images: String, targets path: String, divisor: Float = 1) throws(Failure) -> Dataset {
    precondition(divisor.isNormal && divisor > 0, "a divisor is positive, found \(divisor)")
    let array = try IDXArray(images, content: "images", ranks: 2...4, types: [.byte, .float])
    let wanted = try IDXArray(path, content: "targets", ranks: 1...4, types: [.byte, .float])
    guard wanted.extents[0] == array.extents[0] else {
      throw Failure(
        .badData, at: path,
        "expected \(array.extents[0]) targets, as many as images in \(images), found \(wanted.extents[0])",
        cure: "name the targets that belong to these images")
    }
    let values: [Float]
    switch wanted.elements {
    case .bytes(let bytes):
      let table = (0...255).map { Float($0) / divisor }
      values = bytes.map { table[Int($0)] }
    case .floats(let floats): values = divisor == 1 ? floats : floats.map { $0 / divisor }
    case .windows, .mapped, .decoded: preconditionFailure("an IDX file is read as bytes or floats")
    }
    if let place = values.firstIndex(where: { !$0.isFinite }) {
      throw Failure(
        .badData, at: path, "expected finite numbers after division by \(divisor), found \(values[place])",
        cure: "choose a larger divisor")
    }
    let shape = wanted.sampleShape
    return Dataset(
      source: images, shape: array.sampleShape, features: array.elements,
      targets: .values(values, width: shape.count), targetShape: shape)
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
