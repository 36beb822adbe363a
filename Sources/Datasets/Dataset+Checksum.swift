import Files
import Tensors

extension Dataset {
  /// A number that differs, but for a chance of about 2⁻⁶⁴, where shape, features, wide columns, targets, weights or names of classes do.
  ///
  /// The same on every host. It notices an accident, such as another version of a file; nobody should trust it against
  /// intent. Several gigabytes a second.
  package var checksum: UInt64 {
    var sum = Checksum()
    sum.add(shape.extents)
    switch features {
    case .bytes(let values): sum.add(values)
    case .floats(let values): sum.add(values)
    case .mapped(let values): sum.add(values)
    case .windows(let windows):
      sum.add([windows.length, windows.stride])
      sum.add(windows.tokens)
    case .decoded(let samples):
      sum.add([samples.count])
      sum.add([samples.checksum])
    }
    for (place, column) in wide.values.sorted(by: { $0.key < $1.key }) {
      sum.add([place])
      sum.add(column)
    }
    switch targets {
    case .classes(let classes, let names):
      sum.add(classes)
      for name in names { sum.add(Array(name.utf8)) }
    case .mappedClasses(let classes, let names):
      sum.add(classes)
      for name in names { sum.add(Array(name.utf8)) }
    case .following(let names):
      for name in names { sum.add(Array(name.utf8)) }
    case .values(let values, let width):
      sum.add([width])
      sum.add(values)
    case .mappedValues(let values, let width):
      sum.add([width])
      sum.add(values)
    case .none: break
    }
    switch weights {
    case .floats(let values)?: sum.add(values)
    case .mapped(let values)?: sum.add(values)
    case nil: break
    }
    return sum.value
  }
}

extension Checksum {
  /// The same as of an array of these numbers.
  mutating func add(_ values: MappedArray<some ArrayElement>) {
    begin(bytes: values.byteCount)
    values.forEachBlock { _, block in addPiece(UnsafeRawBufferPointer(block)) }
  }
}
