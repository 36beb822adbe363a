extension CanonicalTree {
  /// The sum of one value a leaf, added along the tree.
  public func sum(_ values: [Double]) -> Double {
    precondition(values.count == leaves, "expected \(leaves) values, found \(values.count)")
    var values = values
    for addition in additions(of: (0..<leaves).map { Node(level: 0, index: $0) }, into: root) {
      values[addition.into] += values[addition.from]
    }
    return values[0]
  }
}
