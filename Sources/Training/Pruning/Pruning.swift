import Configuration
import Tensors

/// Which weights become zeros while a network learns, and when: `prune` in a configuration.
///
/// ```yaml
/// prune: {share: 0.9, from: 1, until: 7, every: 100, schedule: cubic, slots: ["2.*"]}
/// ```
/// After each `every` steps between `from` and `until`, which are epochs, the weights of the smallest magnitudes become zeros, as many as
/// the schedule says, and stay so. With p, how much of that time is over, the share is `share · (1 - (1 - p)³)`, or along a line `share · p`.
/// Zhu, Gupta: *To prune, or not to prune* (2017).
public struct Pruning: Sendable, Equatable {
  /// How the share grows.
  public enum Course: String, Sendable, CaseIterable {
    /// Fast at first: `share · (1 - (1 - p)³)` of a part p of the time.
    case cubic
    /// As much at each time: `share · p`.
    case linear
  }

  /// Among which weights the smallest are looked for.
  public enum Scope: String, Sendable, CaseIterable {
    /// All of them together: some slots lose more than others.
    case global
    /// Those of each slot by itself.
    case slot
  }

  /// Of the weights, what are zeros at the end.
  public let share: Double
  /// Epochs that are over when it begins.
  public let from: Double
  /// Epochs that are over when all of the share are zeros.
  public let until: Double
  /// Steps from one time to the next.
  public let every: Int
  public let course: Course
  public let scope: Scope
  /// Of which slots: weights with two axes or more; empty: all of them.
  public let slots: [NamePattern]
  /// Whether whole outputs of layers go, with all of their weights; else weights do one by one.
  public let isStructured: Bool

  static let shares = 0.001...0.999
  static let epochs = 0.0...1e6

  /// Numbers that cannot be are a programmer's mistake. Whole outputs are chosen in each slot by itself.
  public init(
    share: Double, from: Double = 0, until: Double, every: Int = 100, course: Course = .cubic, scope: Scope? = nil,
    slots: [NamePattern] = [], structured isStructured: Bool = false
  ) {
    precondition(Self.shares.contains(share) && every > 0, "a share of \(share), every \(every) steps")
    precondition(from >= 0 && until >= from && until > 0, "from epoch \(from) until epoch \(until)")
    precondition(!isStructured || scope != .global, "outputs of layers are compared with those of the same layer")
    (self.share, self.from, self.until, self.every, self.course) = (share, from, until, every, course)
    (self.scope, self.slots, self.isStructured) = (scope ?? (isStructured ? .slot : .global), slots, isStructured)
  }

  public init(_ settings: ConfigReader) throws {
    let share = try settings.double("share", in: Self.shares)
    let from = try settings.double("from", default: 0, in: Self.epochs)
    let until = try settings.double("until", in: Self.epochs)
    let every = try settings.int("every", default: 100, in: 1...1_000_000_000)
    let course = try settings.option("schedule", default: Course.cubic)
    let scope: Scope? = try settings.optionalOption("scope")
    let slots = try settings.strings("slots", default: []).map { NamePattern($0) }
    let isStructured = try settings.bool("structured", default: false)
    if !settings.isDescribing {
      guard until > 0, until >= from else {
        throw settings.failure(
          at: "until", "expected an epoch after that of from (\(from)), found \(until)",
          cure: "prune for some epochs, and leave some for the rest to learn behind it")
      }
      guard !isStructured || scope != .global else {
        throw settings.failure(
          at: "scope", "expected slot, as outputs are compared with those of the same layer, found global",
          cure: "leave it out, or structured")
      }
    }
    self.init(
      share: share, from: from, until: settings.isDescribing ? max(until, 1) : until, every: every, course: course,
      scope: scope, slots: slots, structured: isStructured)
  }

  /// Whether weights of this name are pruned.
  package func takes(_ slot: String) -> Bool { slots.isEmpty || slots.match(slot) }

  /// Steps that are done when it begins, and when it is through.
  func steps(ofEpochsOf steps: Int) -> (first: Int, last: Int) {
    let first = Int(from * Double(steps))
    return (first, max(1, first, Int(until * Double(steps))))
  }

  /// The share after `done` steps; nil where nothing is pruned then.
  func share(after done: Int, stepsPerEpoch: Int) -> Double? {
    let (first, last) = steps(ofEpochsOf: stepsPerEpoch)
    guard done == last || (done > first && done < last && (done - first) % every == 0) else { return nil }
    let left = last > first ? 1 - Double(done - first) / Double(last - first) : 0
    switch course {
    case .cubic: return share * (1 - left * left * left)
    case .linear: return share * (1 - left)
    }
  }

  /// The steps after which something is pruned for the first time.
  func firstStep(stepsPerEpoch: Int) -> Int {
    let (first, last) = steps(ofEpochsOf: stepsPerEpoch)
    return min(first + every, last)
  }
}
