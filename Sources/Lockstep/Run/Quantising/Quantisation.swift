import Checkpoints
import Communication
import Diagnostics
import Foundation
import Kernels
import Layers
import Tensors

/// How a model computes with whole numbers of 8 bits: what the inputs of its products are rounded by, and what came of it. It is kept in
/// `quantisation.json` of a checkpoint, and used by `evaluate`, `predict` and `export` where they are asked to.
///
/// Weights are not kept a second time: rounded, they follow from those of the checkpoint, row by row.
public struct Quantisation: Codable, Equatable, Sendable {
  /// By the place of a layer, `2.0`, or of a projection of attention, `2.0.in_proj`: what its input is rounded by.
  public let scales: [String: ByteScale]
  /// The places of the embeddings whose tables are of bytes, a step a row; nil: of none.
  public let tables: [String]?
  /// Their products' share of the network's multiply-adds.
  public let share: Double
  /// Training rows that the scales were chosen on.
  public let rows: Int
  /// The digest of the weights that it belongs to.
  public let weights: String
  /// What was measured with floats and with bytes; nil where there are no rows to measure on.
  public let comparison: Comparison?
  /// Bytes of these weights: as floats, and rounded with their steps.
  public let size: Size

  /// Figures of the same rows, with floats and with whole numbers.
  public struct Comparison: Codable, Equatable, Sendable {
    /// What was measured on.
    public let data: String
    public let rows: Int
    /// `accuracy`, with floats and with bytes, in the order that `evaluate` has.
    public let figures: [Figure]
    /// Samples a second of forward passes on one core, medians of several.
    public let speed: Figure
  }

  /// Bytes.
  public struct Size: Codable, Equatable, Sendable {
    public let floats: Int
    public let bytes: Int

    init(_ size: (floats: Int, bytes: Int)) { (floats, bytes) = size }
  }

  public struct Figure: Codable, Equatable, Sendable {
    public let name: String
    public let floats: Double
    public let bytes: Double
  }

  /// What stands in a checkpoint's folder.
  package static let fileName = "quantisation.json"

  /// The digest of all that predictions depend on: scales by their bits, and the weights.
  public var digest: String {
    let lines = scales.sorted { $0.key < $1.key }.map { path, scale in
      "\(path) \(String(scale.step.bitPattern, radix: 16)) \(scale.zero)"
    }
    let rows = (tables ?? []).sorted().map { "\($0) table" }
    return Receipt.digest((["weights \(weights)"] + lines + rows).joined(separator: "\n"))
  }

  /// What `quantise` prints and a page shows, a line a thing.
  public func rows(digits: Int = 4) -> [(name: String, floats: String, bytes: String)] {
    var rows = (comparison?.figures ?? []).map { ($0.name, fixed($0.floats, digits), fixed($0.bytes, digits)) }
    if let speed = comparison?.speed {
      let factor = "\(grouped(Int(speed.bytes.rounded()))) samples/s, \(fixed(speed.bytes / speed.floats, 2)) times"
      rows.append(("forward, one core", "\(grouped(Int(speed.floats.rounded()))) samples/s", factor))
    }
    rows.append(("weights", byteText(Double(size.floats)), byteText(Double(size.bytes))))
    return rows
  }

  /// The places of layers that are rounded, in the order of their names.
  public var layers: [String] {
    let products = [".in_proj", ".q_proj", ".kv_proj", ".out_proj"]
    let places = scales.keys.map { place in
      products.first(where: place.hasSuffix).map { String(place.dropLast($0.count)) } ?? place
    }
    return Set(places + (tables ?? [])).sorted {
      $0.compare($1, options: .numeric) == .orderedAscending
    }
  }

  /// `3 layers, 98 % of the multiply-adds; inputs by 1,024 training rows`
  public var summary: String {
    let count = layers.count
    let layers = "\(count) layer\(count == 1 ? "" : "s")"
    return
      "\(layers) of 8 bits, \(fixed(100 * share, 1)) % of the multiply-adds; ranges of inputs of \(grouped(rows)) training rows"
  }
}

extension Quantisation {
  /// What of a network is of whole numbers.
  var form: IntegerForm { IntegerForm(scales: scales, tables: Set(tables ?? [])) }

  /// A plan of a network without adapters that computes so.
  func plan(of network: Network, microBatch: Int, keepingRows: Bool = false) throws -> Plan {
    try network.plan(
      microBatch: microBatch, scales: scales, tables: Set(tables ?? []), keepingRows: keepingRows)
  }
}

/// Its file.
extension Quantisation {
  /// The one in a checkpoint's folder.
  ///
  /// Throws no input (66) where there is none, bad data (65) where the file is another one, or belongs to other weights.
  init(of checkpoint: Checkpoint) throws {
    let path = "\(checkpoint.path)/\(Self.fileName)"
    let cure = "make it: lockstep quantise \(checkpoint.path.shown())"
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(.missingInput, at: path, "expected how layers are rounded to 8 bits, found nothing", cure: cure)
    }
    guard let data = FileManager.default.contents(atPath: path),
      let found = try? JSONDecoder().decode(Quantisation.self, from: data), !found.layers.isEmpty,
      found.rows > 0, found.scales.values.allSatisfy(\.isSound)
    else { throw Failure(.badData, at: path, "expected a quantisation, found another file", cure: cure) }
    guard found.weights == checkpoint.record.digest else {
      throw Failure(
        .badData, at: path, "expected the weights \(found.weights), found \(checkpoint.record.digest)", cure: cure)
    }
    self = found
  }

  /// The one in a checkpoint's folder; nil where there is none. Throws bad data (65) where the file is another one.
  package init?(ifThereOf checkpoint: Checkpoint) throws {
    guard FileManager.default.fileExists(atPath: "\(checkpoint.path)/\(Self.fileName)") else { return nil }
    try self.init(of: checkpoint)
  }

  /// What rank zero has, on all ranks; all of them call it.
  static func shared(_ own: Quantisation?, in world: any Communicator) throws -> Quantisation? {
    let text = try world.allGather(own.map { try sortedJSON($0) } ?? "")[0]
    return text.isEmpty ? nil : try JSONDecoder().decode(Quantisation.self, from: Data(text.utf8))
  }

  func write(toCheckpoint folder: String) throws {
    try (sortedJSON(self) + "\n").write(toRunFile: "\(folder)/\(Self.fileName)")
  }
}
