/// Whether a sound's file is whole, as far as it says how long it is: libsndfile takes what is there of one that is cut short.
package struct SoundParts {
  private let bytes: SoundBytes

  /// Throws where the file ends before it says.
  static func check(_ bytes: SoundBytes, _ kind: SoundKind) throws(SoundFault) {
    let parts = SoundParts(bytes: bytes)
    switch kind {
    case .wave: try parts.checkWave()
    case .aiff: try parts.checkChunks("SSND", isBigEndian: true, size64: nil)
    case .au: try parts.checkAU()
    case .ogg: try parts.checkPages()
    // How many samples there are stands in its beginning, and is compared with those that were decoded.
    case .flac: break
    }
  }

  /// Of some bytes; nil where these are not there.
  private func number(_ place: Int, _ count: Int, isBigEndian: Bool) throws(SoundFault) -> UInt64? {
    guard place >= 0, place <= bytes.count - count else { return nil }
    let own = try bytes.bytes(place..<place + count)
    return (0..<count).reduce(0) { $0 << 8 | UInt64(own[isBigEndian ? $1 : count - 1 - $1]) }
  }

  private func has(_ name: StaticString, at place: Int) throws(SoundFault) -> Bool {
    guard place <= bytes.count - 4 else { return false }
    let own = try bytes.bytes(place..<place + 4)
    return (0..<4).allSatisfy { own[$0] == name.utf8Start[$0] }
  }

  /// RIFF (Microsoft, 1991), little-endian or, as RIFX, big-endian; RF64 has sizes of 64 bits in a chunk of their own (EBU Tech
  /// 3306).
  private func checkWave() throws(SoundFault) {
    var size64: UInt64?
    if try has("RF64", at: 0), try has("ds64", at: 12) { size64 = try number(28, 8, isBigEndian: false) }
    try checkChunks("data", isBigEndian: try has("RIFX", at: 0), size64: size64)
  }

  /// A name of four letters, a size, so many bytes and perhaps one more.
  private func checkChunks(_ name: StaticString, isBigEndian: Bool, size64: UInt64?) throws(SoundFault) {
    var place = 12
    while let size = try number(place + 4, 4, isBigEndian: isBigEndian) {
      if try has(name, at: place) {
        if size == 0xFFFF_FFFF, let size64 { return try require(size64, from: place + 8) }
        guard !Self.unknown.contains(size) else { return }
        return try require(size, from: place + 8)
      }
      place += 8 + Int(size) + Int(size % 2)
    }
    throw SoundFault("expected samples, found none: it is cut short")
  }

  /// What stands for a length where a program has written to a pipe, and could not know it: FFmpeg's, SoX's and arecord's.
  private static let unknown: Set<UInt64> = [0, 0xFFFF_FFFF, 0x7FFF_FFFF, 0x7FFF_F000, 0x8000_0000]

  private func require(_ size: UInt64, from place: Int) throws(SoundFault) {
    let found = bytes.count - place
    guard size > UInt64(max(0, found)) else { return }
    throw SoundFault("expected \(size) bytes of samples, found \(max(0, found)): it is cut short")
  }

  /// Sun's format: where the samples begin, and of how many bytes they are.
  private func checkAU() throws(SoundFault) {
    let isBigEndian = try has(".snd", at: 0)
    guard let start = try number(4, 4, isBigEndian: isBigEndian),
      let size = try number(8, 4, isBigEndian: isBigEndian), size != 0xFFFF_FFFF
    else { return }
    try require(size, from: Int(start))
  }

  /// Pages (RFC 3533, section 6) that follow each other, with right check sums, the last one marked as such.
  private func checkPages() throws(SoundFault) {
    var (place, isEnded) = (0, false)
    while place < bytes.count {
      let begin = try bytes.bytes(place..<min(bytes.count, place + Self.mostOfPage))
      guard begin.count >= 27, begin[..<4].elementsEqual("OggS".utf8), case let content = 27 + Int(begin[26]),
        content <= begin.count, case let size = begin[27..<content].reduce(content, { $0 + Int($1) }),
        size <= begin.count
      else { throw SoundFault("expected a page at byte \(place), found other bytes: it is damaged or cut short") }
      let told = begin[22..<26].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      guard Self.checkSum(begin[..<size], sumAt: 22) == told else {
        throw SoundFault("expected a whole page at byte \(place), found a damaged one")
      }
      guard !(isEnded && begin[5] & 2 != 0) else {
        throw SoundFault("expected one stream, found a second one at byte \(place); divide it")
      }
      isEnded = begin[5] & 4 != 0
      place += size
    }
    guard isEnded else { throw SoundFault("expected a last page, found none: it is cut short") }
  }

  /// A header, 255 lengths, and as many parts of 255 bytes.
  private static let mostOfPage = 27 + 255 + 255 * 255

  /// The remainder of x³² times a page's bytes, those of its sum taken as zeros, divided by 0x104C11DB7.
  package static func checkSum(_ page: Slice<UnsafeRawBufferPointer>, sumAt place: Int) -> UInt32 {
    var sum: UInt32 = 0
    for (at, byte) in zip(page.indices, page) {
      let own = place..<place + 4 ~= at ? 0 : UInt32(byte)
      sum = sum << 8 ^ remainders[Int(sum >> 24 ^ own)]
    }
    return sum
  }

  private static let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte) << 24) { sum, _ in sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1 }
  }
}
