/// Numbers in an order, which come block by block, as often as they are asked for: there may be more than memory holds.
///
/// ```swift
/// NumberStream([3, 1, 2]).map { 2 * $0 }.followed(by: 7, times: 2)   // 6, 2, 4, 7, 7
/// ```
public struct NumberStream: Sendable {
  public typealias Block = UnsafeBufferPointer<Double>

  /// How many.
  public let count: Int
  /// nil where there are none.
  public let first: Double?
  private let pass: @Sendable (_ body: (Block) -> Void) -> Void

  /// Numbers a block has, about.
  package static let blockSize = 4096

  /// Of a pass over `count` numbers, which is the same each time; blocks of any size.
  package init(count: Int, first: Double?, pass: @escaping @Sendable (_ body: (Block) -> Void) -> Void) {
    (self.count, self.first, self.pass) = (count, first, pass)
  }

  /// Numbers that are in memory.
  public init(_ numbers: [Double]) {
    self.init(count: numbers.count, first: numbers.first) { body in
      numbers.withUnsafeBufferPointer { if !$0.isEmpty { body($0) } }
    }
  }

  public var isEmpty: Bool { count == 0 }

  /// Gives `body` all of them, from the first to the last.
  public func forEachBlock(_ body: (Block) -> Void) { pass(body) }

  /// What `change` makes of each of them.
  public func map(_ change: @escaping @Sendable (Double) -> Double) -> NumberStream {
    NumberStream(count: count, first: first.map(change)) { body in
      var changed: [Double] = []
      pass { block in
        changed.removeAll(keepingCapacity: true)
        for number in block { changed.append(change(number)) }
        changed.withUnsafeBufferPointer(body)
      }
    }
  }

  /// These, and behind them the same number several times.
  public func followed(by number: Double, times: Int) -> NumberStream {
    guard times > 0 else { return self }
    return NumberStream(count: count + times, first: first ?? number) { body in
      pass(body)
      let block = [Double](repeating: number, count: min(times, Self.blockSize))
      for start in stride(from: 0, to: times, by: block.count) {
        block.withUnsafeBufferPointer { body(Block(rebasing: $0[..<min(block.count, times - start)])) }
      }
    }
  }
}
