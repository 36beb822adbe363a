import Communication
import Diagnostics
import Foundation
import Training

/// Settings that all ranks of a run share.
extension RunConfiguration {
  /// Rank zero reads the configuration, and every rank gets its text, and where its paths start from: the file need not be
  /// on every host.
  ///
  /// Each rank has overrides of its own, which must come to the same settings, but for those that are a host's business.
  /// `memory` is that of `init(_:overrides:memory:)`.
  package static func shared(
    _ recipe: String, _ overrides: [String], memory: Int? = nil, in world: any Communicator,
    among recipes: [String: String] = Recipes.all
  ) throws -> RunConfiguration {
    let source = try world.agree { world.rank == 0 ? try ConfigurationSource(recipe, among: recipes) : nil }
    let parts = try (0..<5).map { try world.allGather(source?.parts[$0] ?? "")[0] }
    let shared = ConfigurationSource(parts: parts)
    let configuration = try world.agree {
      try RunConfiguration(shared, overrides: overrides, memory: memory)
    }
    try configuration.requireSame(in: world, cure: "give every rank the same --set, or put the setting into the file")
    return configuration
  }

  /// Throws where a rank has other settings than rank zero, but for those that are a host's business; all ranks call it.
  func requireSame(in world: any Communicator, cure: String) throws {
    let settings = settings.filter { !RunConfiguration.ownPaths.contains($0.path) }
    try world.requireSame(settings.map { Asked($0.path, $0.text) }, cure: cure)
  }

  /// The run directory where none is named.
  package var directory: String { "runs/\(name)" }

  /// The directory that a run of these settings writes to; throws what is wrong with the settings.
  package static func directory(recipe: String, overrides: [String], output: String?) throws -> String {
    let configuration = try RunConfiguration(ConfigurationSource(recipe), overrides: overrides)
    return output ?? configuration.directory
  }

  /// The world, each of whose collectives is noted, and compared between the ranks where the configuration asks for it.
  func observed(
    _ world: any Communicator, _ progress: RankProgress, _ fault: InjectedFault?
  ) -> any Communicator {
    guard checksCollectives else {
      return WatchedCommunicator(world, progress: progress, fault: fault)
    }
    let identity = identity.map(\.text).joined(separator: "\n")
    let run = Array(identity.utf8).reduce(UInt64(0)) { ($0 ^ UInt64($1)) &* 0x9e37_79b9_7f4a_7c15 }
    return WatchedCommunicator(MatchingCommunicator(world, run: run), progress: progress, fault: fault)
  }
}
