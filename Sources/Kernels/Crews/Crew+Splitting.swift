import CKernels

/// A piece of work that knows how to do a part of itself.
protocol Divisible {
  static func perform(_ arguments: UnsafeRawPointer, _ part: Range<Int>)
}

/// A function with its arguments, on the stack of the leader: nothing is allocated.
private struct Call<Arguments>: Divisible {
  let arguments: Arguments
  let body: (Arguments, Range<Int>) -> Void

  static func perform(_ call: UnsafeRawPointer, _ part: Range<Int>) {
    let call = call.assumingMemoryBound(to: Self.self)
    call.pointee.body(call.pointee.arguments, part)
  }
}

extension Crew {
  /// Calls `body` for the whole of `0..<count`, or, where this thread leads a crew and it is worth it, on several threads for
  /// parts of it that share nothing.
  ///
  /// - Parameters:
  ///   - count: rows, columns or elements, whatever may be divided without changing a bit.
  ///   - cost: about how many nanoseconds all of it takes one core.
  ///   - unit: parts begin at multiples of it.
  ///   - rounds: parts for each member at most: more than one where a part costs nothing but its share, so that members who come late
  ///     take fewer.
  ///   - arguments: what `body` needs. It captures nothing, so that nothing is allocated.
  package static func split<Arguments>(
    _ count: Int, cost: Int, unit: Int = 1, rounds: Int = 2, over arguments: Arguments,
    _ body: @escaping (Arguments, Range<Int>) -> Void
  ) {
    guard ck_crew() != nil, let crew = Crew.current else { return body(arguments, 0..<count) }
    let parts = min((count + unit - 1) / unit, cost / crew.grain, rounds * crew.size, Int(UInt16.max))
    guard parts > 1 else { return body(arguments, 0..<count) }
    withUnsafePointer(to: Call(arguments: arguments, body: body)) {
      crew.perform(
        Job(body: Call<Arguments>.self, arguments: UnsafeRawPointer($0), count: count, unit: unit, parts: parts))
    }
  }
}
