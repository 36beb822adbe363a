import Datasets
import Files
import Judging
import Losses
import Metrics
import Tensors

/// The outputs of a model for samples, target by target, in the form that figures are computed of.
///
/// Letters: N samples, O outputs of one, W targets of one.
struct JudgedData {
  /// One of the things that are predicted.
  struct Target {
    /// Nil where there is one alone that has no name.
    let name: String?
    /// Those that it may be; nil: a number.
    let classes: [String]?
    /// Which outputs say it: one a class, one of a yes or no, one for a number.
    let outputs: Range<Int>
    /// Its place among the targets of a sample, and how many these are.
    let column: Int
    let of: Int
    /// The class of samples that do not count.
    let ignored: Int32?
  }

  let targets: [Target]
  private let dataset: Dataset
  private let outputs: MappedArray<Float>
  private let columns: Int

  /// `outputs` are N×O, as predictions show them.
  init(_ loss: any Loss, _ dataset: Dataset, outputs: MappedArray<Float>, columns: Int) {
    (self.dataset, self.outputs, self.columns) = (dataset, outputs, columns)
    targets = Self.targets(loss, dataset, columns)
  }

  /// What samples have as targets, as a loss takes them; empty where they are not judged number by number.
  static func targets(_ loss: any Loss, _ dataset: Dataset, _ columns: Int) -> [Target] {
    let name = dataset.targetNames?.count == 1 ? dataset.targetNames?[0] : nil
    guard loss.parts.isEmpty else {
      return loss.parts.enumerated().map { place, part in
        let first = part.range.lowerBound + (part.classes == nil ? part.loss.point : 0)
        return Target(
          name: part.name, classes: part.classes, outputs: part.classes == nil ? first..<first + 1 : part.range,
          column: place, of: loss.parts.count, ignored: part.loss.ignored)
      }
    }
    if let names = dataset.classNames {
      return [
        Target(name: name, classes: names, outputs: 0..<columns, column: 0, of: 1, ignored: loss.ignored)
      ]
    }
    // Pictures, and rows of very many numbers, are not judged number by number.
    let width = dataset.valueWidth ?? 1
    guard width <= 128 else { return [] }
    let isLabel = if case .binary = loss.meaning { true } else { false }
    return (0..<width).map { place in
      let first = place * loss.outputsPerTarget + loss.point
      return Target(
        name: dataset.targetNames?[place] ?? (width > 1 ? "\(place)" : nil), classes: isLabel ? ["0", "1"] : nil,
        outputs: first..<first + 1, column: place, of: width, ignored: nil)
    }
  }

  /// The samples of a target; nil where none counts.
  func judged(_ target: Target) throws -> JudgedRows? {
    let weights = dataset.weights.map { weights -> RowNumbers<Double> in
      switch weights {
      case .floats(let values): RowNumbers(values.map(Double.init))
      case .mapped(let values): values.withUnsafeBufferPointer { RowNumbers($0.map(Double.init)) }
      }
    }
    guard let names = target.classes else {
      let numbers = JudgedNumbers(
        name: target.name ?? "target", predictions: RowNumbers(column(target.outputs.lowerBound)),
        targets: RowNumbers(values(target)))
      return try JudgedRows(numbers, weights: weights)
    }
    let classes = classes(target)
    let judged: JudgedClasses
    if target.outputs.count == 1 {
      judged = JudgedClasses(
        names: names, yes: RowNumbers(column(target.outputs.lowerBound).map { Float($0) }), targets: classes)
    } else {
      judged = JudgedClasses(names: names, probabilities: probabilities(target), targets: classes)
    }
    let rows = try JudgedRows(judged, weights: weights)
    guard let ignored = target.ignored else { return rows }
    let kept = (0..<Int32(rows.count)).filter { classes[Int($0)] != ignored }
    return kept.isEmpty ? nil : rows.selecting(kept)
  }

  /// One output of each sample.
  private func column(_ number: Int) -> [Double] {
    outputs.withUnsafeBufferPointer { all in
      (0..<dataset.count).map { Double(all[$0 * columns + number]) }
    }
  }

  /// Those of a target's classes, as they lie in the file where there are no others.
  private func probabilities(_ target: Target) -> RowNumbers<Float> {
    if target.outputs.count == columns { return RowNumbers(outputs) }
    var own: [Float] = []
    own.reserveCapacity(dataset.count * target.outputs.count)
    outputs.withUnsafeBufferPointer { all in
      for row in 0..<dataset.count {
        let first = row * columns
        own += all[first + target.outputs.lowerBound..<first + target.outputs.upperBound]
      }
    }
    return RowNumbers(own)
  }

  private func values(_ target: Target) -> [Double] {
    dataset.targets.withValues { all in (0..<dataset.count).map { Double(all[$0 * target.of + target.column]) } } ?? []
  }

  private func classes(_ target: Target) -> RowNumbers<Int32> {
    switch dataset.targets {
    case .classes(let classes, _): RowNumbers(classes)
    case .mappedClasses(let classes, _): RowNumbers(classes)
    case .values, .mappedValues, .following, .none: RowNumbers(values(target).map { Int32($0.rounded()) })
    }
  }
}
