extension CanonicalTree {
  /// The sum of one value a leaf, added along the tree.
  package func sum(_ values: [Double]) -> Double {
    var values = values
    return values.withUnsafeMutableBufferPointer { sum(overwriting: $0) }
  }

  /// The sum of one value a leaf, added along the tree, level by level, where the values lie; allocates nothing.
  ///
  /// Afterwards the first of `values` is the sum, and the others are parts of it.
  package func sum(overwriting values: UnsafeMutableBufferPointer<Double>) -> Double {
    precondition(values.count == leaves, "expected \(leaves) values, found \(values.count)")
    var width = 1
    while width < leaves {
      for left in stride(from: 0, to: leaves - width, by: 2 * width) { values[left] += values[left + width] }
      width *= 2
    }
    return values[0]
  }
}
