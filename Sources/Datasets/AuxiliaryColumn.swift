import Files

/// A column of the samples that no network sees and that figures look at: the user or the city of a row, or a forecast that a
/// model's is to stand beside.
public enum AuxiliaryColumn: Sendable {
  /// Places in a list of distinct words, one a sample; below 0 where there is none.
  case words([Int32], [String])
  /// One a sample; NaN where there is none.
  case numbers([Float])
  /// The same, in a file.
  case mappedWords(MappedArray<Int32>, [String])
  case mappedNumbers(MappedArray<Float>)

  /// How many samples.
  public var count: Int {
    switch self {
    case .words(let codes, _): codes.count
    case .numbers(let numbers): numbers.count
    case .mappedWords(let codes, _): codes.count
    case .mappedNumbers(let numbers): numbers.count
    }
  }

  /// Those of some samples, in memory.
  func taking(_ samples: [Int]) -> AuxiliaryColumn {
    switch self {
    case .words(let codes, let words): .words(samples.map { codes[$0] }, words)
    case .numbers(let numbers): .numbers(samples.map { numbers[$0] })
    case .mappedWords(let codes, let words): .words(samples.map { codes[$0] }, words)
    case .mappedNumbers(let numbers): .numbers(samples.map { numbers[$0] })
    }
  }
}
