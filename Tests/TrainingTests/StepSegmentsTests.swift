import Optimizers
import Tensors
import Testing

@testable import Training

/// What a step does to which floats: index arithmetic, before any traffic.
@Suite struct StepSegmentsTests {
  /// A dense layer, a normalisation with its statistics, and another dense layer.
  static let layout: ParameterLayout = {
    var layout = ParameterLayout()
    let statistic = SlotRole.statistic(momentum: 0.25)
    for (name, count, role) in [
      ("0.weight", 20, SlotRole.weight), ("0.bias", 3, .bias), ("1.weight", 3, .bias), ("1.running_mean", 3, statistic),
      ("1.running_var", 3, statistic), ("2.count", 1, .statistic(momentum: 0.5)), ("2.weight", 5, .weight),
    ] {
      layout.append(name, [count], role: role)
    }
    return layout
  }()

  @Test func neighboursThatAreTreatedAlikeAreOneSegment() {
    let statistics: [StepSegments.Segment] = [
      .init(range: 1024..<1056, treatment: .statistic(momentum: 0.25)),
      .init(range: 1056..<1072, treatment: .statistic(momentum: 0.5)),
    ]
    #expect(
      StepSegments(Self.layout, decay: .all).segments
        == [.init(range: 0..<80, treatment: .learned(decays: true))] + statistics)
    #expect(
      StepSegments(Self.layout, decay: .weights).segments == [
        .init(range: 0..<32, treatment: .learned(decays: true)),
        .init(range: 32..<64, treatment: .learned(decays: false)),
        .init(range: 64..<80, treatment: .learned(decays: true)),
      ] + statistics)
    #expect(StepSegments(ParameterLayout(), decay: .all).segments.isEmpty)
  }

  /// Every range, however it is cut: each float of it is in the part that it is in as a whole, and in no other.
  @Test func everyRangeIsCutAlike() throws {
    let segments = StepSegments(Self.layout, decay: .weights)
    var expected = [StepSegments.Treatment?](repeating: nil, count: Self.layout.count)
    for segment in segments.segments { for index in segment.range { expected[index] = segment.treatment } }
    for first in stride(from: 0, through: Self.layout.count, by: 8) {
      for end in stride(from: first, through: Self.layout.count, by: 8) {
        var found = [StepSegments.Treatment?](repeating: nil, count: Self.layout.count)
        segments.forEach(in: first..<end) { part, treatment in
          precondition(!part.isEmpty && part.clamped(to: first..<end) == part, "\(part) of \(first)..<\(end)")
          for index in part { found[index] = treatment }
        }
        try #require(found[first..<end] == expected[first..<end], "\(first)..<\(end)")
        try #require(found.indices.allSatisfy { found[$0] == nil || (first..<end).contains($0) })
      }
    }
  }

  @Test func ownedRangesLieOneAfterTheOther() {
    let packing = OwnedPacking([0..<0, 10..<20, 20..<20, 30..<35, 35..<40])
    #expect(packing.count == 20 && packing.ranges == [10..<20, 30..<35, 35..<40])
    #expect(packing.place(of: 10..<20) == 0..<10)
    #expect(packing.place(of: 13..<14) == 3..<4)
    #expect(packing.place(of: 30..<35) == 10..<15)
    #expect(packing.place(of: 36..<40) == 16..<20)
    #expect(OwnedPacking([]).count == 0)
  }
}
