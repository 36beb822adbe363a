import Diagnostics

extension TransportBinding {
  /// The kind that is asked for, or the first of the registry that serves.
  ///
  /// Throws a bad configuration (78) where the one that is asked for does not serve, or none does.
  func choose(_ asked: (any Transport.Type)?) throws -> any Transport.Type {
    let serving = transportKinds.all.filter { obstacle($0) == nil }
    guard let asked else {
      if let first = serving.first { return first }
      throw Failure(
        .badConfiguration, at: "transport", "expected one that serves these ranks, found none",
        cure: "add one to transportKinds that does")
    }
    guard let obstacle = obstacle(asked) else { return asked }
    let names = serving.map { $0.kind }
    throw Failure(
      .badConfiguration, at: "transport",
      "expected one that serves these ranks, found \(asked.kind): \(obstacle)",
      cure: names.isEmpty ? "leave it out" : "leave it out, or set it to \(names.joined(separator: " or "))")
  }

  /// Why a kind does not serve. Parameters that lie in one place for all ranks are for those alone that know of it.
  private func obstacle(_ kind: any Transport.Type) -> String? {
    if shared != nil, !kind.wantsSharedMemory { return "the ranks share the memory that parameters lie in" }
    if let obstacle = kind.obstacle(in: self) { return obstacle }
    let isAlone = world.size == 1
    return shared == nil && kind.wantsSharedMemory && !isAlone ? "the ranks have no memory that all of them see" : nil
  }
}
