import Datasets

/// What a user should know of data that can be trained on, but hardly as they are meant to.
enum DataNotes {
  /// All of them, for batches of so many.
  static func all(_ dataset: Dataset, batch: Int) -> [String] {
    [noteOnBatch(batch, samples: dataset.count)].compactMap { $0 } + notes(on: dataset)
  }

  static func noteOnBatch(_ batch: Int, samples: Int) -> String? {
    guard batch > samples else { return nil }
    return "a batch of \(grouped(batch)), but only \(grouped(samples)) samples: each epoch is one step on all of them; "
      + "make the batch smaller for more steps"
  }

  /// Columns of a table that single precision rounds too much, or that never change.
  static func notes(on dataset: Dataset) -> [String] {
    guard let names = dataset.featureNames else { return [] }
    let isStandardised = dataset.transforms.first?.readsInDouble ?? false
    var notes: [String] = []
    let roundings = isStandardised ? [] : dataset.wide.roundings.sorted { $0.key < $1.key }
    for (place, rounding) in roundings.prefix(mostNamed) {
      notes.append(
        "column '\(names[place])': single precision rounds its numbers by up to \(Float(rounding.error)), and their "
          + "deviation is \(Float(rounding.deviation)): set standardise: feature, which subtracts the mean before it rounds"
      )
    }
    let constant = dataset.constantFeatures
    if !constant.isEmpty {
      let list = constant.prefix(mostNamed).map { "'\(names[$0])'" }.joined(separator: ", ")
      notes.append(
        "\(constant.count == 1 ? "a column that never changes" : "\(grouped(constant.count)) columns that never change")"
          + " in the training data (\(list)\(constant.count > mostNamed ? ", …" : "")) "
          + "teach\(constant.count == 1 ? "es" : "") nothing\(isStandardised ? ", and become\(constant.count == 1 ? "s" : "") zero" : "")"
      )
    }
    return notes
  }

  private static let mostNamed = 5
}

extension Dataset {
  /// The places of features that are the same in all samples, of which there are several.
  fileprivate var constantFeatures: [Int] {
    guard count > 1, let first = features.withFloats({ Array($0.prefix(shape.count)) }) else { return [] }
    let width = shape.count
    var (changes, constant) = ((0..<width).map { wide.roundings[$0] != nil }, true)
    features.forEachBlockOfFloats { start, block in
      for (place, value) in block.enumerated() where value != first[(start + place) % width] {
        changes[(start + place) % width] = true
      }
      constant = changes.contains(false)
      return constant
    }
    return constant ? changes.indices.filter { !changes[$0] } : []
  }
}
