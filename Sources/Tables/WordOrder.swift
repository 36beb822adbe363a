/// The places of words in the order of their values where all of them have one, else of their UTF-8 bytes; equal values by
/// their bytes. `values` has NaN for a word that spells no number.
package func wordOrder(_ words: [String], values: [some BinaryFloatingPoint]) -> [Int] {
  let isNumeric = !values.contains { $0.isNaN }
  return words.indices.sorted { left, right in
    if isNumeric, values[left] != values[right] { return values[left] < values[right] }
    return words[left].utf8.lexicographicallyPrecedes(words[right].utf8)
  }
}

/// The same, by the numbers that the words spell in double precision.
package func wordOrder(_ words: [String]) -> [Int] {
  wordOrder(words, values: words.map { DecimalFloat.number($0.utf8)?.double ?? .nan })
}
