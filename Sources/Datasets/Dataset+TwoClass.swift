import CKernels
import Tensors

extension Dataset {
  /// The two halves of generated data; they share no sample.
  public enum Part: UInt64, Sendable, CaseIterable {
    case train = 0
    case test = 1
  }

  /// Two features, two classes: the smallest problem that shows whether training works.
  ///
  /// ```swift
  /// let train = Dataset.twoClass(count: 1024, seed: 1, part: .train)
  /// train.classNames  // ["negative", "positive"]
  /// ```
  ///
  /// Sample i has class i mod 2. The negative class lies around (-1, -1), the positive one around (1, 1), both normal
  /// with deviation 0.75 in each direction: the line x + y = 0 tells 97.0 % of them apart. So (1, 2) is positive and
  /// (-1, -2) negative. A function of seed, part and i alone, the same bits on every host.
  package static func twoClass(count: Int, seed: UInt64, part: Part) -> Dataset {
    precondition(count > 0, "count must be positive, found \(count)")
    let random = Philox(seed: seed, purpose: .data)
    var features: [Float] = []
    features.reserveCapacity(2 * count)
    for sample in 0..<count {
      let words = random.block(stream: part.rawValue, index: UInt64(sample))
      let centre = sample % 2 == 0 ? -1.0 : 1.0
      for word in [words.x, words.y] {
        features.append(Float(centre + twoClassDeviation * ck_normal_from_unit(word.unitInterval)))
      }
    }
    return Dataset(
      source: "two-class (\(part))", shape: [2], features: .floats(features),
      targets: .classes((0..<count).map { Int32($0 % 2) }, names: ["negative", "positive"]),
      featureNames: ["x", "y"], targetNames: ["class"])
  }

  private static var twoClassDeviation: Double { 0.75 }
}
