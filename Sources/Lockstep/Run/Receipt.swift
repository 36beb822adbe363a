import Diagnostics
import Files
import Foundation
import Sources
import Tensors
import Training

/// The chain of digests from a run's raw data to its metrics, `receipt.json`: each link follows from the ones before it and
/// from settings alone, so that anybody can compute it again, and is told the first link that differs.
///
/// ```json
/// {"name": "weights", "settings": "sha256:…", "output": "sha256:…", "digest": "sha256:…"}
/// ```
/// A link's digest is SHA-256 of the digest of the link before it (none for the first), its name, its settings' digest, its
/// output and its inputs, a line each. The last one stands for all of them. Where there is a decision, `Receipt.deciding` puts its link
/// before the metrics.
package struct Receipt: Codable, Equatable, Sendable {
  /// One step.
  package struct Link: Codable, Equatable, Sendable {
    package var name: String
    /// Of the settings that decide it, as text; empty where none do.
    package var settings: String
    /// Of what it gave.
    package var output: String
    /// Of what it was made, where that is told one by one: `credit.csv sha256:…`.
    package var inputs: [String]?
    /// Of all that, and the links before.
    package var digest: String
  }

  package private(set) var format = 2
  package private(set) var links: [Link] = []

  package init() {}

  /// Adds a link behind the others.
  package mutating func add(_ name: String, settings: String = "", output: String, inputs: [String] = []) {
    let settings = settings.isEmpty ? "" : Self.digest(settings)
    append(Link(name: name, settings: settings, output: output, inputs: inputs.isEmpty ? nil : inputs, digest: ""))
  }

  /// The link of another receipt behind the others, with what it gives now.
  mutating func add(_ link: Link, output: String) {
    var link = link
    link.output = output
    append(link)
  }

  private mutating func append(_ link: Link) {
    var link = link
    link.digest = Self.digest(of: link, behind: links.last?.digest ?? "")
    links.append(link)
  }

  private static func digest(of link: Link, behind before: String) -> String {
    digest(([before, link.name, link.settings, link.output] + (link.inputs ?? [])).joined(separator: "\n"))
  }

  /// The digest of what was measured, by name.
  static func digest(of evaluations: [Evaluation]) -> String {
    let metrics = evaluations.reduce(into: [String: Double]()) { $0.merge($1.named) { first, _ in first } }
    return digest(metrics.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n"))
  }

  static func digest(_ text: String) -> String { Digest(of: text).description }

  // MARK: Its file

  package static let fileName = "receipt.json"

  /// Reads the one of a run directory.
  ///
  /// Throws a missing input (66) where there is none, and bad data (65) where its digests do not follow from its links.
  package init(ofRun directory: String) throws {
    let path = "\(directory)/\(Self.fileName)"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(
        .missingInput, at: path, "expected the receipt of a run, found none", cure: "train to the end first")
    }
    guard let found = try? JSONDecoder().decode(Receipt.self, from: data), found.format == 2 else {
      throw Failure(.badData, at: path, "expected a receipt of format 2, found another file", cure: "train again")
    }
    for (place, link) in found.links.enumerated() {
      guard Self.digest(of: link, behind: place > 0 ? found.links[place - 1].digest : "") != link.digest else {
        continue
      }
      throw Failure(
        .badData, at: path, "link \(link.name): its digest does not follow from it and the links before",
        cure: "the file was edited: take the one that the run wrote")
    }
    self = found
  }

  package func write(toRun directory: String) throws {
    let path = "\(directory)/\(Self.fileName)"
    try requireOwnFile(path)
    try (sortedJSON(self) + "\n").write(toRunFile: path)
  }

  // MARK: Comparison

  /// The first link that differs from that of `other`, and what could have changed; nil where all are the same.
  package func firstDifference(from other: Receipt) -> (link: String, what: String)? {
    for place in 0..<max(links.count, other.links.count) {
      guard place < links.count, place < other.links.count else {
        let link = place < links.count ? links[place] : other.links[place]
        return (link.name, "one of them has no such link")
      }
      let (own, its) = (links[place], other.links[place])
      guard own != its else { continue }
      if own.name != its.name { return (own.name, "the other one has \(its.name) in its place") }
      if own.settings != its.settings { return (own.name, "it was made with other settings") }
      let counts = (own.inputs?.count ?? 0, its.inputs?.count ?? 0)
      if counts.0 != counts.1 { return (own.name, "expected \(counts.0) inputs, found \(counts.1)") }
      if let input = zip(own.inputs ?? [], its.inputs ?? []).first(where: { $0 != $1 }) {
        return (own.name, "expected \(input.0), found \(input.1)")
      }
      if own.output != its.output { return (own.name, "the same settings gave something else") }
      return (own.name, "a link before it is another one")
    }
    return nil
  }
}

extension RunConfiguration {
  /// The settings that decide the weights, as text.
  var weightSettings: String { identity.map(\.text).joined(separator: "\n") }
}
