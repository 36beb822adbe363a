import Optimizers
import Tensors

/// What a step does to which part of the flat buffer: made once, looked up by every lane for the part it updates.
///
/// Neighbouring slots that are treated alike are one segment. The gap behind a slot belongs to it.
struct StepSegments: Sendable {
  /// What a step does to a float.
  enum Treatment: Hashable, Sendable {
    /// The optimizer moves it, with its weight decay or without.
    case learned(decays: Bool)
    /// running ← (1 - momentum)·running + momentum·mean
    case statistic(momentum: Float)
  }

  struct Segment: Hashable, Sendable {
    let range: Range<Int>
    let treatment: Treatment
  }

  /// Ascending; together they cover all but the gap between what is learned and the statistics.
  let segments: [Segment]

  init(_ layout: ParameterLayout, decay: DecayMask) {
    var segments: [Segment] = []
    let slots = layout.slots.sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (index, slot) in slots.enumerated() {
      let area = slot.role.isLearned ? layout.learnedRange : layout.statisticRange
      let next = index + 1 < slots.count ? slots[index + 1].range.lowerBound : layout.count
      let end = min(next, area.upperBound)
      let treatment = Self.treatment(of: slot.role, decay)
      if let last = segments.last, last.treatment == treatment, last.range.upperBound == slot.range.lowerBound {
        segments[segments.count - 1] = Segment(range: last.range.lowerBound..<end, treatment: treatment)
      } else {
        segments.append(Segment(range: slot.range.lowerBound..<end, treatment: treatment))
      }
    }
    self.segments = segments
  }

  private static func treatment(of role: SlotRole, _ decay: DecayMask) -> Treatment {
    switch role {
    case .weight: .learned(decays: true)
    case .bias: .learned(decays: decay == .all)
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
