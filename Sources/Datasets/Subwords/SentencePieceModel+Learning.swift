import CSentencePiece
import Diagnostics

extension SentencePieceModel {
  /// How pieces are found.
  public enum Method: String, Sendable, CaseIterable {
    /// The most frequent pairs become one, again and again. Sennrich et al. (2016).
    case bpe
    /// Of many pieces those stay without which texts would be the least probable. Kudo (2018).
    case unigram
  }

  /// Learns `size` pieces, or as many as there are, from lines in their order: the same lines give the same bytes.
  ///
  /// Piece 0 is padding, 1 unknown (which never occurs), 2 to 257 are the bytes.
  ///
  /// - Parameters:
  ///   - coverage: the share of the characters that have pieces of their own, the most frequent ones; others are told by their bytes.
  ///   - place: names the text.
  /// Throws bad data (65) where there is no text, or it has more characters than there are to be pieces.
  package convenience init(
    learning size: Int, by method: Method, coverage: Double, from lines: [[UInt8]], at place: String?
  ) throws(Failure) {
    var size = size
    while true {
      let (bytes, message) = Self.train(size, method, coverage, lines)
      if let bytes {
        try self.init(bytes, at: place)
        return
      }
      // The library says how many there are, but does without the rest only by one of its methods.
      if let most = Self.number(behind: "to a value <= ", in: message), most < size, most > 1 {
        size = most
        continue
      }
      if let least = Self.number(behind: "\(size) vs ", in: message) {
        throw Failure(
          .badData, at: place,
          "expected at most \(size) pieces to have one for each character and byte, found \(least) of these",
          cure: "raise the size of the vocabulary, or lower its coverage")
      }
      let fault = lines.isEmpty ? "found none" : "found some of which SentencePiece says: \(message)"
      throw Failure(
        .badData, at: place, "expected text to learn pieces of words from, \(fault)", cure: "take a longer text")
    }
  }

  private static func train(
    _ size: Int, _ method: Method, _ coverage: Double, _ lines: [[UInt8]]
  ) -> (bytes: [UInt8]?, message: String) {
    let feed = Feed(lines)
    let context = Unmanaged.passUnretained(feed).toOpaque()
    var (memory, count): (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0)
    let result = CallResult.of { error, room in
      csp_train(
        method.rawValue, Int32(size), coverage,
        { context, count in Unmanaged<Feed>.fromOpaque(context!).takeUnretainedValue().next(&count!.pointee) }, context,
        &memory, &count, error, room)
    }
    withExtendedLifetime(feed) {}
    defer { csp_free(memory) }
    return (result.value ? Array(UnsafeBufferPointer(start: memory, count: count)) : nil, result.message)
  }

  /// `Please set it to a value <= 294.`
  private static func number(behind words: String, in text: String) -> Int? {
    text.range(of: words).flatMap { Int(text[$0.upperBound...].prefix { $0.isNumber }) }
  }
}

/// Lines, lent one after the other.
private final class Feed {
  private let lines: [[UInt8]]
  private var place = 0
  private var memory = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 1)

  init(_ lines: [[UInt8]]) { self.lines = lines }
  deinit { memory.deallocate() }

  func next(_ count: inout Int) -> UnsafePointer<CChar>? {
    guard place < lines.count else { return nil }
    let line = lines[place]
    place += 1
    if memory.count < line.count {
      memory.deallocate()
      memory = .allocate(capacity: max(line.count, 2 * memory.count))
    }
    for (place, byte) in line.enumerated() { memory[place] = CChar(bitPattern: byte) }
    count = line.count
    return UnsafePointer(memory.baseAddress!)
  }
}
