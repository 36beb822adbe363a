import Reduction

/// Sums as expressions instead of numbers: two are equal only when the same additions were made in the same order.
///
/// Numbers could hide a wrong order behind equal roundings; expressions cannot. Each distinct one is kept once and
/// named by its place, so that comparing is comparing two integers.
struct Expressions {
  private enum Form: Hashable {
    case leaf(Int)
    case sum(Int, Int)
  }

  private var places: [Form: Int] = [:]
  private var forms: [Form] = []

  mutating func leaf(_ index: Int) -> Int { place(.leaf(index)) }
  mutating func add(_ a: Int, _ b: Int) -> Int { place(.sum(a, b)) }

  private mutating func place(_ form: Form) -> Int {
    if let place = places[form] { return place }
    places[form] = forms.count
    forms.append(form)
    return forms.count - 1
  }

  /// `((0+1)+2)`
  func text(_ expression: Int) -> String {
    switch forms[expression] {
    case .leaf(let index): "\(index)"
    case .sum(let a, let b): "(\(text(a))+\(text(b)))"
    }
  }
}

/// The tree as its picture defines it, level by level: neighbours are paired, an odd one out rises as it is.
///
/// Written apart from `CanonicalTree`, which is index arithmetic, so that one checks the other.
struct PairedTree {
  /// The expression over each range of leaves that is a subtree.
  private(set) var subtrees: [Range<Int>: Int] = [:]
  private(set) var root = 0

  init(leaves: Int, in expressions: inout Expressions) {
    var level = (0..<leaves).map { (range: $0..<$0 + 1, sum: expressions.leaf($0)) }
    while true {
      for node in level { subtrees[node.range] = node.sum }
      if level.count == 1 { break }
      level = stride(from: 0, to: level.count, by: 2).map { index in
        guard index + 1 < level.count else { return level[index] }
        let (left, right) = (level[index], level[index + 1])
        return (left.range.lowerBound..<right.range.upperBound, expressions.add(left.sum, right.sum))
      }
    }
    root = level[0].sum
  }
}

/// Does the additions, each sum in the place of its first operand; returns what lies in the first place.
func evaluate(
  _ additions: [CanonicalTree.Addition], on operands: [Int], in expressions: inout Expressions
) -> Int {
  var operands = operands
  for addition in additions {
    operands[addition.into] = expressions.add(operands[addition.into], operands[addition.from])
  }
  return operands[0]
}
