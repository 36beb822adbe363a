import MPICommunication
import Testing

@Suite struct ChunksTests {
  /// Every start, length and limit up to a small size: the pieces follow each other, fill the range and fit.
  @Test func piecesFillTheRange() {
    for start in 0...3 {
      for count in 0...20 {
        for limit in 1...21 {
          let pieces = Array(chunks(of: start..<start + count, limit: limit))
          #expect(pieces.flatMap { Array($0) } == Array(start..<start + count), "\(start), \(count), \(limit)")
          #expect(pieces.allSatisfy { (1...limit).contains($0.count) }, "\(start), \(count), \(limit)")
          #expect(pieces.count == (count + limit - 1) / limit, "\(start), \(count), \(limit)")
        }
      }
    }
  }

  @Test func nearTheLimitOf32Bits() {
    let limit = Int(Int32.max)
    #expect(Array(chunks(of: 0..<limit, limit: limit)) == [0..<limit])
    #expect(Array(chunks(of: 0..<limit + 1, limit: limit)) == [0..<limit, limit..<limit + 1])
    #expect(fits([0..<limit, limit..<limit + 1], limit: limit))
    #expect(!fits([0..<limit + 1], limit: limit))
    #expect(!fits([0..<1, limit + 1..<limit + 2], limit: limit))
  }
}
