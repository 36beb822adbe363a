import CKernels

/// Where every parameter lies in the flat buffers: the one table that initialisation, gradients, optimizer,
/// checkpoint, digest and printing read.
///
/// `slots` are in declaration order. In the flat buffer learned slots follow each other in that order; running statistics
/// lie behind all of them, from a multiple of `blockSize` on, and behind these what is frozen, which no step touches:
///
/// ```
/// 1.weight │ 1.bias │      │ 1.running_mean │ 1.running_var │      │ 0.weight │ 0.bias │
/// └─ learnedRange ──┘      └─────── statisticRange ─────────┘      └─── frozenRange ───┘
/// └────────────────────── trainedCount ─────────────────────┘
/// ```
/// Gradients, and what an optimizer keeps, have the first `trainedCount` floats alone.
///
///
/// Each slot starts on a 64-byte boundary. The floats between slots are zero in parameters and gradients alike, and
/// belong to no digest and no file.
public struct ParameterLayout: Equatable, Sendable {
  /// A named, shaped range of the flat buffer.
  public struct Slot: Equatable, Sendable {
    /// As PyTorch's `Sequential` would name it: `0.weight`.
    public let name: String
    /// Row-major; a dense weight is O×I as in PyTorch.
    public let shape: Shape
    public let role: SlotRole
    /// Whether it stays as it is from the first step to the last, learned or statistic.
    public let isFrozen: Bool
    /// In floats from the start of the flat buffer.
    public fileprivate(set) var range: Range<Int>
    /// The orders in which a checkpoint has its rows, the first axis, and the columns of a slot of rank 2; nil: as memory.
    package fileprivate(set) var rowOrder: FeatureOrder?
    package fileprivate(set) var columnOrder: FeatureOrder?
  }

  /// In declaration order.
  public private(set) var slots: [Slot] = []
  /// What the optimizer moves, the gaps between slots included.
  public private(set) var learnedRange = 0..<0
  /// The running statistics, the gaps between slots included; it begins on a block's first float, or is empty.
  public private(set) var statisticRange = 0..<0
  /// What is frozen, the gaps between slots included; it begins on a block's first float, or is empty.
  public private(set) var frozenRange = 0..<0

  /// Without a slot.
  package init() {}

  /// Floats from one slot's start to the next are a multiple of this: 64 bytes.
  static let granularity = FlatBuffer.alignment / MemoryLayout<Float>.stride
  /// Floats of one block: sums over the buffer are made block by block, and none has both learned floats and statistics.
  public static let blockSize = Int(CK_BLOCK)

  /// Appends a slot and returns its place in `slots`; statistics that were appended before may move.
  @discardableResult
  package mutating func append(
    _ name: String, _ shape: Shape, role: SlotRole = .weight, isFrozen: Bool = false
  ) -> Int {
    precondition(!slots.contains { $0.name == name }, "two slots are named \(name)")
    slots.append(Slot(name: name, shape: shape, role: role, isFrozen: isFrozen, range: 0..<shape.count))
    learnedRange = place(from: 0) { $0.role.isLearned && !$0.isFrozen }
    statisticRange = place(behind: learnedRange) { !$0.role.isLearned && !$0.isFrozen }
    frozenRange = place(behind: statisticRange) { $0.isFrozen }
    return slots.count - 1
  }

  /// The same from the next block on, where there are such slots.
  private mutating func place(behind range: Range<Int>, _ isPlaced: (Slot) -> Bool) -> Range<Int> {
    let unit = slots.contains(where: isPlaced) ? Self.blockSize : Self.granularity
    return place(from: rounded(range.upperBound, to: unit), isPlaced)
  }

  /// Says in which orders a checkpoint has the rows of a slot, and its columns where it has two axes; plain ones are none.
  package mutating func setOrder(ofSlot index: Int, rows: FeatureOrder?, columns: FeatureOrder?) {
    let shape = slots[index].shape
    precondition(rows == nil || rows!.count == shape.extents.first, "\(slots[index].name): rows of \(shape)")
    precondition(columns == nil || shape.rank == 2 && columns!.count == shape[1], "\(slots[index].name): \(shape)")
    slots[index].rowOrder = rows.flatMap { $0.isPlain ? nil : $0 }
    slots[index].columnOrder = columns.flatMap { $0.isPlain ? nil : $0 }
  }

  /// Lays the slots of some roles one after the other.
  private mutating func place(from start: Int, _ isPlaced: (Slot) -> Bool) -> Range<Int> {
    var next = start
    for index in slots.indices where isPlaced(slots[index]) {
      let end = next + slots[index].shape.count
      slots[index].range = next..<end
      next = rounded(end, to: Self.granularity)
    }
    return start..<next
  }

  /// Floats that a flat buffer of parameters needs, the gaps between slots included.
  public var count: Int { frozenRange.upperBound }

  /// Floats of a gradient, and of what is kept for each parameter: those of `count` that a step touches, the first ones.
  public var trainedCount: Int { statisticRange.upperBound }

  /// The same without what is frozen: the layout of gradients, and of what is kept for each parameter.
  package var trained: ParameterLayout {
    guard !frozenRange.isEmpty else { return self }
    var layout = self
    layout.slots.removeAll(where: \.isFrozen)
    layout.frozenRange = trainedCount..<trainedCount
    return layout
  }

  /// How many numbers are parameters: gaps and running statistics left out.
  package var parameterCount: Int { slots.reduce(0) { $0 + ($1.role.isLearned ? $1.range.count : 0) } }

  /// How many of them are learned.
  package var learnedCount: Int { trained.parameterCount }

  /// Where each slot starts when the slots of every group, places in `slots`, are laid one after the other from zero on,
  /// and the floats of the longest group. Each slot is in one group; those `apart` share their floats with no other.
  package func packed(_ groups: [[Int]], apart: Set<Int> = []) -> (starts: [Int], count: Int) {
    var (starts, first) = (Array(repeating: 0, count: slots.count), 0)
    for slot in apart.sorted() {
      starts[slot] = first
      first = rounded(first + slots[slot].range.count, to: Self.granularity)
    }
    var count = first
    for group in groups {
      var next = first
      for slot in group where !apart.contains(slot) {
        starts[slot] = next
        next = rounded(next + slots[slot].range.count, to: Self.granularity)
      }
      count = max(count, next)
    }
    return (starts, count)
  }

  /// The slot that holds the float at `index` of the flat buffer, if it is not in a gap.
  package func slot(at index: Int) -> Slot? { slots.first { $0.range.contains(index) } }
}

private func rounded(_ count: Int, to multiple: Int) -> Int { (count + multiple - 1) / multiple * multiple }
