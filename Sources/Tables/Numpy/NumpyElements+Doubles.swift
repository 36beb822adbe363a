/// Elements as the numbers of vectors.
extension NumpyElements {
  /// Writes them to `numbers`, `step` places from each other: integers of 64 bits are rounded to the nearest, truths are 0 and 1.
  ///
  /// They must be numbers or truths: see `NumpyType.isNumeric`.
  func write(to numbers: UnsafeMutablePointer<Double>, step: Int) {
    func each(_ value: (Int) -> Double) { for place in 0..<count { numbers[place * step] = value(place) } }
    switch (type.kind, type.width) {
    case (.boolean, _): each { bytes[$0 * stride] != 0 ? 1 : 0 }
    case (.signed, 1): each { Double(element($0, as: Int8.self)) }
    case (.signed, 2): each { Double(element($0, as: Int16.self)) }
    case (.signed, 4): each { Double(element($0, as: Int32.self)) }
    case (.signed, _): each { Double(element($0, as: Int64.self)) }
    case (.unsigned, 1): each { Double(element($0, as: UInt8.self)) }
    case (.unsigned, 2): each { Double(element($0, as: UInt16.self)) }
    case (.unsigned, 4): each { Double(element($0, as: UInt32.self)) }
    case (.unsigned, _): each { Double(element($0, as: UInt64.self)) }
    case (.float, 2): each { Double(Float16(bitPattern: element($0, as: UInt16.self))) }
    case (.float, 4): each { Double(Float(bitPattern: element($0, as: UInt32.self))) }
    case (.float, _): each { Double(bitPattern: element($0, as: UInt64.self)) }
    case (.scalars, _), (.bytes, _), (.day, _), (.instant, _): preconditionFailure("\(type.raw) in a vector")
    }
  }
}
