import Diagnostics
import Tables

/// Gives labels their numbers: places in a list of names that is given, or found out.
struct ClassNames {
  private var numbers: [String: Int32] = [:]
  private(set) var names: [String]
  private let isGiven: Bool

  init(_ names: [String]?) {
    self.names = names ?? []
    isGiven = names != nil
    for (number, name) in self.names.enumerated() { numbers[name] = Int32(number) }
  }

  /// The number of `label`; nil where it is not among the names that were given.
  mutating func number(of label: String) -> Int32? {
    if let number = numbers[label] { return number }
    guard !isGiven else { return nil }
    let number = Int32(names.count)
    numbers[label] = number
    names.append(label)
    return number
  }

  /// The names in their final order, and `labels` renumbered to it.
  ///
  /// Names that were found out are sorted, so that the order of the samples does not matter: by value where all are
  /// numbers, else by their UTF-8 bytes. Names that were given stay as they are.
  func ordered(_ labels: [Int32]) -> (labels: [Int32], names: [String]) {
    guard !isGiven else { return (labels, names) }
    let order = wordOrder(names, values: names.map { DecimalFloat.parse($0.utf8) ?? .nan })
    var renumbered = [Int32](repeating: 0, count: names.count)
    for (new, old) in order.enumerated() { renumbered[old] = Int32(new) }
    return (labels.map { renumbered[Int($0)] }, order.map { names[$0] })
  }
}
