extension JudgedRows {
  /// What tells rows apart that two models were judged by, of what is true of them and what they weigh; nil where their figures
  /// can be compared.
  package func difference(from other: JudgedRows) -> String? {
    guard count == other.count else { return "expected \(count) rows, found \(other.count)" }
    switch (content, other.content) {
    case (.classes(let own), .classes(let its)):
      guard own.names == its.names else {
        return "expected the classes \(Self.list(own.names)), found \(Self.list(its.names))"
      }
      let place = (0..<count).first { own.target(row($0)) != its.target(other.row($0)) }
      if let place {
        let (truth, found) = (own.names[own.target(row(place))], own.names[its.target(other.row(place))])
        return "expected \(truth) in row \(place + 1), found \(found)"
      }
    case (.numbers(let own), .numbers(let its)):
      let place = (0..<count).first { own.target(row($0)) != its.target(other.row($0)) }
      if let place {
        return "expected \(own.target(row(place))) in row \(place + 1), found \(its.target(other.row(place)))"
      }
    default: return "expected the same kind of target, found classes and numbers"
    }
    let (own, its) = (ownWeights, other.ownWeights)
    let place = (0..<count).first { own?[$0] ?? 1 != its?[$0] ?? 1 }
    return place.map { "expected row \($0 + 1) to weigh \(own?[$0] ?? 1), found \(its?[$0] ?? 1)" }
  }

  private static func list(_ names: [String]) -> String {
    (names.prefix(5) + (names.count > 5 ? ["… (\(names.count))"] : [])).joined(separator: ", ")
  }
}
