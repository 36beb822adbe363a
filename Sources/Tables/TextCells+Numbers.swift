import CTables

extension TextCells {
  /// What a text is to `numbers`.
  package enum NumberState: UInt8 {
    case number, empty
    /// A word, or a rare number: see `DecimalFloat`.
    case other
  }

  /// The numbers that the texts spell, to the nearest double; NaN for what is none, and the rows that are none.
  package func numbers() -> (values: [Double], others: [(row: Int, state: NumberState)]) {
    var others = 0
    var states: [UInt8] = []
    let values = [Double](unsafeUninitializedCapacity: count) { numbers, initialised in
      states = [UInt8](unsafeUninitializedCapacity: count) { states, stateCount in
        bytes.withUnsafeBufferPointer { bytes in
          bounds.withUnsafeBufferPointer { bounds in
            others = ct_numbers(
              bytes.baseAddress, bounds.baseAddress, first, stride, count, numbers.baseAddress, states.baseAddress)
          }
        }
        stateCount = count
      }
      initialised = count
    }
    guard others > 0 else { return (values, []) }
    return (values, states.indices.filter { states[$0] != 0 }.map { ($0, NumberState(rawValue: states[$0])!) })
  }
}
