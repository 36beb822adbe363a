import Optimizers
import Tensors

/// What a step does to which part of the flat buffer: made once, looked up by every lane for the part it updates.
///
/// Neighbouring slots that are treated alike are one segment. The gap behind a slot belongs to it.
struct StepSegments: Sendable {
  /// What a step does to a float.
  enum Treatment: Hashable, Sendable {
    /// The optimizer moves it, with its weight decay or without, by the numbers of a group.
    case learned(decays: Bool, group: Int = 0)
    /// It stays as it is until it begins to learn.
    case held
    /// running ← (1 - momentum)·running + momentum·mean
    case statistic(momentum: Float)
  }

  struct Segment: Hashable, Sendable {
    let range: Range<Int>
    let treatment: Treatment
  }

  /// Ascending; together they cover all but the gap between what is learned and the statistics.
  let segments: [Segment]

  /// Of all slots but those that are frozen for ever; `learns` and `groups` are by slot, left out all learn, in one group.
  init(_ layout: ParameterLayout, decay: DecayMask, learns: [Bool]? = nil, groups: [Int]? = nil) {
    var segments: [Segment] = []
    let places = layout.slots.indices.filter { !layout.slots[$0].isFrozen }
      .sorted { layout.slots[$0].range.lowerBound < layout.slots[$1].range.lowerBound }
    for (index, place) in places.enumerated() {
      let slot = layout.slots[place]
      let area = slot.role.isLearned ? layout.learnedRange : layout.statisticRange
      let next =
        index + 1 < places.count ? layout.slots[places[index + 1]].range.lowerBound : layout.trainedCount
      let end = min(next, area.upperBound)
      let treatment =
        learns?[place] == false ? .held : Self.treatment(of: slot.role, decay, group: groups?[place] ?? 0)
      if let last = segments.last, last.treatment == treatment, last.range.upperBound == slot.range.lowerBound {
        segments[segments.count - 1] = Segment(range: last.range.lowerBound..<end, treatment: treatment)
      } else {
        segments.append(Segment(range: slot.range.lowerBound..<end, treatment: treatment))
      }
    }
    self.segments = segments
  }

  private static func treatment(of role: SlotRole, _ decay: DecayMask, group: Int) -> Treatment {
    switch role {
    case .weight: .learned(decays: true, group: group)
    case .bias: .learned(decays: decay == .all, group: group)
    case .statistic(let momentum): .statistic(momentum: momentum)
    }
  }

  /// Calls `body` with each part of `range` that is treated alike; allocates nothing.
  func forEach(in range: Range<Int>, _ body: (Range<Int>, Treatment) -> Void) {
    var index = segments.partitionPoint { $0.range.upperBound > range.lowerBound }
    while !range.isEmpty, index < segments.count, segments[index].range.lowerBound < range.upperBound {
      body(segments[index].range.clamped(to: range), segments[index].treatment)
      index += 1
    }
  }
}

extension Array {
  /// The first index whose element, and all after it, has the property; the count where none has.
  func partitionPoint(_ hasProperty: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if hasProperty(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
