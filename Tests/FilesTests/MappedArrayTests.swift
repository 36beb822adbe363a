import Files
import TestSupport
import Testing

@Suite struct MappedArrayTests {
  /// Blocks are all numbers once, in their order, and what was given back is there again.
  @Test(arguments: [0, 1, 511, 65_536, 5_000_000]) func blocks(_ count: Int) throws {
    let folder = try Folder()
    let writer = try ArrayWriter<Int32>(folder["numbers.npy"])
    for start in stride(from: 0, to: count, by: 100_000) {
      try writer.append(contentsOf: (start..<min(start + 100_000, count)).map { Int32($0) })
    }
    let array = try writer.finish()
    for range in [0..<count, count / 3..<count / 2, count..<count] {
      var next = range.lowerBound
      array.forEachBlock(in: range) { start, block in
        #expect(start == next && block.elementsEqual((start..<start + block.count).lazy.map { Int32($0) }))
        next += block.count
      }
      #expect(next == range.upperBound)
    }
    #expect(array.count == count && array.byteCount == 4 * count)
    if count > 0 { #expect(array[count - 1] == Int32(count - 1)) }
    let other = try MappedArray<Int32>(folder["numbers.npy"])
    #expect(array == other)
  }
}
