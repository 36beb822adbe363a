import Checkpoints
import Diagnostics
import Foundation
import Tensors

/// What a model has become by being cut: `shrinking.json` of the new checkpoint.
public struct Shrinking: Codable, Equatable, Sendable {
  /// The digest of the weights that were cut.
  public let of: String
  /// That of what is left of them.
  public let weights: String
  /// The layers that have fewer outputs.
  public let layers: [Layer]
  /// Bytes of the parameters.
  public let size: Change
  /// Multiply-adds of a sample.
  public let work: Change
  /// What was measured; nil where there are no rows to measure on.
  public let comparison: Comparison?

  /// A layer some of whose outputs were cut out.
  public struct Layer: Codable, Equatable, Sendable {
    /// Where it stands in the network, `2.0`.
    public let place: String
    /// Units or channels that it had.
    public let from: Int
    /// Units or channels that are left.
    public let to: Int
  }

  /// A number of the whole model, and of what is left of it.
  public struct Change: Codable, Equatable, Sendable {
    /// Of the model as it was trained.
    public let before: Double
    /// Of the model that was cut.
    public let after: Double
  }

  /// A figure of both on the same rows.
  public struct Figure: Codable, Equatable, Sendable {
    /// `loss`, `accuracy`
    public let name: String
    /// Of the model as it was trained.
    public let before: Double
    /// Of the model that was cut.
    public let after: Double
  }

  /// Figures of the same rows.
  public struct Comparison: Codable, Equatable, Sendable {
    /// Which rows: `test`, or `validation` where there are no others.
    public let data: String
    /// How many they are.
    public let rows: Int
    /// `accuracy`, in the order that `evaluate` has.
    public let figures: [Figure]
    /// Samples a second of forward passes on one core, medians of several.
    public let speed: Change
  }

  /// What stands in a checkpoint's folder.
  package static let fileName = "shrinking.json"

  /// `0: 512 → 128, 2: 512 → 128`
  public var summary: String { layers.map { "\($0.place): \($0.from) → \($0.to)" }.joined(separator: ", ") }

  /// What `shrink` prints and a page shows, a line a thing.
  public func rows(digits: Int = 4) -> [(name: String, before: String, after: String)] {
    var rows = (comparison?.figures ?? []).map { ($0.name, fixed($0.before, digits), fixed($0.after, digits)) }
    if let speed = comparison?.speed {
      let factor = "\(grouped(Int(speed.after.rounded()))) samples/s, \(fixed(speed.after / speed.before, 2)) times"
      rows.append(("forward, one core", "\(grouped(Int(speed.before.rounded()))) samples/s", factor))
    }
    rows.append(("multiply-adds", grouped(Int(work.before)), grouped(Int(work.after))))
    rows.append(("weights", byteText(size.before), byteText(size.after)))
    return rows
  }

}

/// Its file.
extension Shrinking {
  func write(toCheckpoint folder: String) throws {
    try (sortedJSON(self) + "\n").write(toRunFile: "\(folder)/\(Self.fileName)")
  }

  /// The one in a checkpoint's folder; nil where there is none. Throws bad data (65) where the file is another one, or of other weights.
  package init?(ifThereOf checkpoint: Checkpoint) throws {
    let path = "\(checkpoint.path)/\(Self.fileName)"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path),
      let found = try? JSONDecoder().decode(Shrinking.self, from: data), found.weights == checkpoint.record.digest
    else {
      throw Failure(
        .badData, at: path, "expected what the model was cut from, found another file", cure: "remove it")
    }
    self = found
  }
}
