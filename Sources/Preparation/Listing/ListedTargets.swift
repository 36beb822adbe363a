import Diagnostics
import Files
import Tables
import Tensors

/// What listed files show, as numbers: the places of their classes, or columns of numbers.
struct ListedTargets {
  private let divided: DividedTable
  private let requests: [ColumnRequest]
  /// Those that are predicted; nil: numbers are.
  let classes: [String]?
  /// The class of each word.
  private let places: [Int32]

  /// Throws where there are not two classes at least in training rows, or a row has one that no training row has.
  ///
  /// - Parameters:
  ///   - named: the classes, where they are named; nil: all that were found, in the order that `order` gives of their places.
  ///   - plural: `pictures`
  init(
    _ divided: DividedTable, _ requests: [ColumnRequest], named: [String]?, plural: String,
    order: ([String]) -> [Int]
  ) throws {
    (self.divided, self.requests) = (divided, requests)
    guard case .codes(let codes, let words) = divided.table.columns[requests[0]]! else {
      (classes, places) = (nil, [])
      return
    }
    var counts = [Int](repeating: 0, count: words.count)
    for row in divided.parts.indices where divided.parts[row] == .train { counts[Int(codes[row])] += 1 }
    let own = words.indices.filter { counts[$0] > 0 }
    let names = named ?? order(own.map { words[$0] }).map { words[own[$0]] }
    guard names.count > 1 else {
      throw Failure(
        .badData, at: divided.table.sources.first,
        "expected two classes of training \(plural) at least, found \(names.map { "'\($0)'" }.joined())",
        cure: "add \(plural) of another class")
    }
    let found = Set(own.map { words[$0] })
    if let none = named?.first(where: { !found.contains($0) }) {
      throw Failure(
        .badData, at: divided.table.sources.first,
        "expected training \(plural) of the class '\(none)', which is named, found none",
        cure: "add some, split stratified, or leave it out of classes")
    }
    let known = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    places = words.map { known[$0] ?? -1 }
    for row in divided.parts.indices where places[Int(codes[row])] < 0 {
      let expected = named == nil ? "of the training \(plural)" : "that is named"
      throw Failure(
        .badData, at: divided.table.place(of: row), "expected a class \(expected), found '\(words[Int(codes[row])])'",
        cure: "add training \(plural) of it, split stratified, or leave it out")
    }
    classes = names
  }

  /// Writes those of some rows, which may come more than once, to an array file; returns its digest.
  func write(of rows: some Sequence<Int>, to path: String) throws -> Digest {
    let table = divided.table
    if case .codes(let codes, _) = table.columns[requests[0]]! {
      let writer = try ArrayWriter<Int32>(path)
      for row in rows { try writer.append(contentsOf: CollectionOfOne(places[Int(codes[row])])) }
      return try writer.finish().digest
    }
    let writer = try ArrayWriter<Float>(path, width: requests.count)
    for row in rows {
      for request in requests {
        guard case .numbers(let values) = table.columns[request]! else { continue }
        let value = values[row]
        guard Float(value).isFinite else {
          throw Failure(
            .badData, at: table.place(of: row),
            "column '\(request.name)': expected a number below 3.4e38, found \(value)",
            cure: "correct or delete the row")
        }
        try writer.append(contentsOf: CollectionOfOne(Float(value)))
      }
    }
    return try writer.finish().digest
  }
}
