import Lockstep

/// The words of an option such as `mlp,cnn`: at least one, none of them empty.
func list(_ text: String, _ option: String) throws -> [String] {
  let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  guard !words.contains("") else {
    throw Failure(.usage, at: option, "expected words separated by commas, found '\(text)'")
  }
  return words
}

/// The numbers of an option such as `1,2,4`, each from 1 on.
func numbers(_ text: String, _ option: String) throws -> [Int] {
  try list(text, option).map { word in
    guard let number = Int(word) else {
      throw Failure(.usage, at: option, "expected numbers separated by commas, such as 1,2,4, found '\(word)'")
    }
    return try positive(number, option)
  }
}

/// The number itself, from 1 to what a batch may have.
func positive(_ number: Int, _ option: String) throws -> Int {
  guard (1...(1 << 24)).contains(number) else {
    throw Failure(.usage, at: option, "expected a number from 1 to \(1 << 24), found \(number)")
  }
  return number
}
