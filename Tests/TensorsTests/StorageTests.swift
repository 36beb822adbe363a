import Testing

@testable import Tensors

@Suite struct StorageTests {
  @Test(arguments: [0, 1, 15, 16, 17, 1000, 100_003])
  func flatBuffersAreAlignedAndStartAtZero(count: Int) {
    let buffers = (0..<4).map { _ in FlatBuffer(count: count) }
    for buffer in buffers {
      #expect(Int(bitPattern: buffer.view.base) % 64 == 0)
      #expect(buffer.count == count)
      #expect(buffer.view.array == Array(repeating: 0, count: count))
    }
  }

  @Test func viewsAreWindowsOnTheSameMemory() {
    let buffer = FlatBuffer(count: 6)
    buffer.view.assign([0, 1, 2, 3, 4, 5])
    let part = buffer.view[2..<5]
    part[0] = 20
    part[1..<3].assign([30, 40])
    #expect(buffer.view.array == [0, 1, 20, 30, 40, 5])
    #expect(part.array == [20, 30, 40])
    #expect(part.bytes.count == 12)
    buffer.view[0..<2].assign(part[1..<3])
    #expect(buffer.view.array == [30, 40, 20, 30, 40, 5])
    #expect(buffer.view[6..<6].array.isEmpty)
  }

  @Test func slotsFollowEachOtherOnBoundariesOf64Bytes() {
    var layout = ParameterLayout()
    #expect(layout.count == 0 && layout.parameterCount == 0)
    #expect(layout.append("0.weight", [3, 7]) == 0)
    #expect(layout.append("0.bias", [3]) == 1)
    #expect(layout.append("2.weight", [16]) == 2)
    #expect(layout.append("2.bias", [1]) == 3)
    #expect(layout.slots.map(\.range) == [0..<21, 32..<35, 48..<64, 64..<65])
    #expect(layout.slots.map(\.name) == ["0.weight", "0.bias", "2.weight", "2.bias"])
    #expect(layout.slots.map(\.shape) == [[3, 7], [3], [16], [1]])
    #expect((layout.count, layout.parameterCount) == (80, 41))
  }

  @Test func everyFloatIsInOneSlotOrInAGap() throws {
    for first in 1...40 {
      for second in 1...40 {
        var layout = ParameterLayout()
        layout.append("a", [first])
        layout.append("b", [second])
        try #require(layout.slots.allSatisfy { $0.range.lowerBound % 16 == 0 } && layout.count % 16 == 0)
        let names = (0..<layout.count).map { layout.slot(at: $0)?.name }
        try #require(names.count { $0 == "a" } == first && names.count { $0 == "b" } == second, "\(first) \(second)")
        try #require(layout.count < first + second + 32, "no gap has 16 floats")
        try #require(layout.slot(at: layout.count) == nil)
      }
    }
  }

  /// Declared among learned slots, laid behind them: what is learned has the places that it has without statistics.
  @Test func statisticsLieBehindAllLearnedSlotsFromABlockOn() throws {
    let momentum = SlotRole.statistic(momentum: 0.1)
    for width in [1, 16, 500, 1000, 1024, 3000] {
      var (layout, learned) = (ParameterLayout(), ParameterLayout())
      for (name, role) in [
        ("0.weight", SlotRole.weight), ("1.running_mean", momentum), ("1.weight", .bias), ("1.running_var", momentum),
        ("2.weight", .weight),
      ] {
        #expect(layout.append(name, [width], role: role) == layout.slots.count - 1)
        if role.isLearned { learned.append(name, [width], role: role) }
      }
      let names = ["0.weight", "1.running_mean", "1.weight", "1.running_var", "2.weight"]
      #expect(layout.slots.map(\.name) == names, "declaration order")
      #expect(layout.slots.filter(\.role.isLearned) == learned.slots, "width \(width)")
      #expect(layout.learnedRange == 0..<learned.count)
      let start = (learned.count + 1023) / 1024 * 1024
      #expect(layout.slots[1].range == start..<start + width)
      let second = start + (width + 15) / 16 * 16
      #expect(layout.slots[3].range == second..<second + width)
      #expect(layout.statisticRange == start..<layout.count && layout.count == second + (width + 15) / 16 * 16)
      #expect(layout.parameterCount == 3 * width)
      #expect(layout.slot(at: second)?.name == "1.running_var")
      #expect(learned.statisticRange.isEmpty && learned.count == learned.learnedRange.upperBound)
    }
  }

  @Test func shapesTellCountsAndThemselves() {
    let image: Shape = [28, 28, 1]
    #expect((image.count, image.rank, image[1], "\(image)") == (784, 3, 28, "28×28×1"))
    #expect((Shape([]).count, "\(Shape([]))") == (1, "scalar"))
    #expect(Shape([3, 0]).count == 0)
    #expect(Shape([2, 3]) != Shape([3, 2]))
  }
}
