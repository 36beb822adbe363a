import Diagnostics
import Files
import Tables
import Tensors

/// The classes of the targets' words.
struct ClassMap {
  /// For each target and each word of its column its class; empty for numbers.
  let places: [[Int32]]

  /// Throws where a row has a class that is none of the model's.
  init(_ settings: TableSettings, _ fitted: FittedTable, _ table: CollectedTable) throws {
    places = try settings.targetRequests.enumerated().map { number, column in
      let names = fitted.classes(ofTarget: number)
      let places = names.isEmpty ? [] : WordMap(table.words(of: column)).places(in: names)
      // Training rows have none that is unknown, or the fit would have refused them.
      guard case .codes(let codes, let words) = table.columns[column]!, !names.isEmpty else { return [] }
      try codes.forEachBlock { start, block in
        guard let bad = block.firstIndex(where: { $0 >= 0 && places[Int($0)] < 0 }) else { return }
        throw Failure(
          .badData, at: table.place(of: start + bad),
          "column '\(column.name)': expected a class of the training rows, found '\(words[Int(block[bad])])'",
          cure: "add rows of it, split stratified, or leave it out")
      }
      return places
    }
  }

  /// The target of some rows as numbers, those of classes their places.
  func numbers(_ target: CodedColumn, _ number: Int, _ rows: [Int]) -> [Float] {
    switch target {
    case .numbers(let numbers): rows.map { Float(numbers[$0]) }
    case .codes(let codes): rows.map { Float(places[number][Int(codes[$0])]) }
    case .texts, .instants, .vectors: []
    }
  }
}

/// Writes the features and targets of one part's rows, and what these weigh.
final class PartWriter {
  let part: Part
  private let width: Int
  private let features: ArrayWriter<Float>
  private let classes: ArrayWriter<Int32>?
  private let values: ArrayWriter<Float>?
  private let weights: ArrayWriter<Float>?
  private let auxiliary: [AuxiliaryWriter]
  private let featureHash = StreamingDigest()
  private let targetHash = StreamingDigest()
  private let weightHash = StreamingDigest()
  private var own: [Float] = []

  init(
    _ part: Part, _ files: PreparedTable.FileNames, _ settings: TableSettings, _ fitted: FittedTable, width: Int
  ) throws {
    (self.part, self.width) = (part, width)
    features = try ArrayWriter(files.features(part), width: width)
    weights = try settings.weight.map { _ in try ArrayWriter(files.weights(part)) }
    auxiliary = try settings.auxiliary.enumerated().map { try AuxiliaryWriter(files.auxiliary(part, $0), $1.storage) }
    let isClass = fitted.classes != nil
    classes = isClass ? try ArrayWriter(files.targets(part)) : nil
    values = isClass ? nil : try ArrayWriter(files.targets(part), width: settings.targets.count)
  }

  /// Rows that are added at a time, about two million numbers of them: there may be far more than in a block, as a row may stand
  /// several times.
  private var most: Int { min(4096, max(1, (1 << 21) / width)) }

  /// Adds `rows` of a block, by their places in it; `weights` are those of all its rows, where rows have some, and `others` the
  /// columns that figures look at.
  func append(
    _ block: UnsafePointer<Float>, _ targets: [CodedColumn], weights: CodedColumn?, others: [CodedColumn],
    _ map: ClassMap, rows: some Sequence<Int>
  ) throws {
    func append(_ rows: [Int]) throws {
      try self.append(block, targets, weights, map, rows)
      for (writer, column) in zip(auxiliary, others) { try writer.append(column, rows) }
    }
    let most = most
    var piece: [Int] = []
    for row in rows {
      piece.append(row)
      guard piece.count == most else { continue }
      try append(piece)
      piece.removeAll(keepingCapacity: true)
    }
    if !piece.isEmpty { try append(piece) }
  }

  private func append(
    _ block: UnsafePointer<Float>, _ targets: [CodedColumn], _ ofRows: CodedColumn?, _ map: ClassMap, _ rows: [Int]
  ) throws {
    own.removeAll(keepingCapacity: true)
    for row in rows { own.append(contentsOf: UnsafeBufferPointer(start: block + row * width, count: width)) }
    own.withUnsafeBytes { featureHash.update($0) }
    try features.append(contentsOf: own)
    if let weights, case .numbers(let all)? = ofRows {
      let found = rows.map { Float(all[$0]) }
      found.withUnsafeBytes { weightHash.update($0) }
      try weights.append(contentsOf: found)
    }
    if let classes, case .codes(let codes) = targets[0] {
      let found = rows.map { map.places[0][Int(codes[$0])] }
      found.withUnsafeBytes { targetHash.update($0) }
      try classes.append(contentsOf: found)
    } else if let values {
      let numbers: [[Float]] = targets.enumerated().map { map.numbers($1, $0, rows) }
      let found = rows.indices.flatMap { row in numbers.map { $0[row] } }
      found.withUnsafeBytes { targetHash.update($0) }
      try values.append(contentsOf: found)
    }
  }

  /// Of the digests of all parts' features, targets and weights.
  static func digest(of digests: [Digest]) -> Digest { Digest(of: digests.map { "\($0)\n" }.joined()) }

  /// Ends the files; returns the digests of features, of targets, of weights where there are some, and of each other column.
  func finish() throws -> [Digest] {
    _ = try features.finish()
    _ = try classes?.finish()
    _ = try values?.finish()
    let digests = [featureHash.finish(), targetHash.finish()]
    let others = try auxiliary.map { try $0.finish() }
    guard let weights else { return digests + others }
    _ = try weights.finish()
    return digests + [weightHash.finish()] + others
  }
}
