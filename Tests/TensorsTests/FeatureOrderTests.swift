import Tensors
import Testing

@Suite struct FeatureOrderTests {
  /// Two positions of three channels: memory has r g b r g b, PyTorch r r g g b b.
  private static let picture: Shape = [2, 1, 3]

  @Test func aPictureIsTurnedFromChannelsLastToChannelsFirst() {
    #expect(FeatureOrder.picture(Self.picture).places == [0, 3, 1, 4, 2, 5])
    #expect(FeatureOrder.plain(4).places == [0, 1, 2, 3])
    #expect(FeatureOrder.picture([5, 4, 1]) == .plain(20), "one channel is in either order")
    #expect(FeatureOrder.picture([1, 1, 7]) == .plain(7), "so is one position")
  }

  @Test func piecesStandSideBySide() {
    let order = FeatureOrder.joined([.plain(1), .plain(1), .picture(Self.picture), .plain(1)])
    #expect(order.places == [0, 1, 2, 5, 3, 6, 4, 7, 8])
    #expect(order.count == 9 && !order.isPlain)
    #expect(order == .joined([.plain(2), .picture([1, 2, 3]), .plain(1)]))
    #expect(FeatureOrder.joined([.plain(2), .plain(3)]) == .plain(5))
  }

  /// Two rows of six columns, and six rows of one; stored and loaded again they are what they were.
  @Test func slotsAreStoredInThatOrderAndLoadedBack() {
    var layout = ParameterLayout()
    let order = FeatureOrder.picture(Self.picture)
    layout.append("columns", [2, 6])
    layout.append("rows", [6])
    layout.append("both", [6, 6])
    layout.append("none", [3])
    layout.setOrder(ofSlot: 0, rows: .plain(2), columns: order)
    layout.setOrder(ofSlot: 1, rows: order, columns: nil)
    layout.setOrder(ofSlot: 2, rows: order, columns: order)
    #expect(layout.slots.map(\.isReordered) == [true, true, true, false])
    #expect(layout.inMemoryOrder.slots.map(\.isReordered) == [false, false, false, false])
    let expected: [[Float]] = [
      [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11], [0, 3, 1, 4, 2, 5],
      [0, 3, 1, 4, 2, 5].flatMap { row in [0, 3, 1, 4, 2, 5].map { Float(row * 6 + $0) } },
    ]
    for (slot, expected) in zip(layout.slots, expected) {
      let (memory, stored) = (FlatBuffer(count: slot.range.count), FlatBuffer(count: slot.range.count))
      memory.view.assign((0..<memory.count).map(Float.init))
      slot.store(memory.view, into: stored.view)
      #expect(stored.view.array == expected, "\(slot.name)")
      let back = FlatBuffer(count: memory.count)
      slot.load(stored.view, into: back.view)
      #expect(back.view.array == memory.view.array, "\(slot.name)")
    }
  }

  /// The digest is that of the numbers as they are stored.
  @Test func theDigestIsOfTheStoredOrder() {
    var layout = ParameterLayout()
    layout.append("0.weight", [2, 6])
    let (memory, stored) = (FlatBuffer(count: layout.count), FlatBuffer(count: layout.count))
    memory.view[0..<12].assign((0..<12).map(Float.init))
    stored.view[0..<12].assign([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11])
    let expected = Digest(of: stored.view, layout: layout)
    #expect(Digest(of: memory.view, layout: layout) != expected)
    layout.setOrder(ofSlot: 0, rows: nil, columns: .picture(Self.picture))
    #expect(Digest(of: memory.view, layout: layout) == expected)
  }
}
