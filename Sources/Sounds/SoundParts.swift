/// Whether a sound's file is whole, as far as it says how long it is: libsndfile takes what is there of one that is cut short.
package struct SoundParts {
  private let bytes: UnsafeRawBufferPointer

  /// Throws where the file ends before it says.
  static func check(_ bytes: UnsafeRawBufferPointer, _ kind: SoundKind) throws(SoundFault) {
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
  private func number(_ place: Int, _ count: Int, isBigEndian: Bool) -> UInt64? {
    guard place >= 0, place <= bytes.count - count else { return nil }
    return (0..<count).reduce(0) { $0 << 8 | UInt64(bytes[place + (isBigEndian ? $1 : count - 1 - $1)]) }
  }

  private func has(_ name: StaticString, at place: Int) -> Bool {
    guard place <= bytes.count - 4 else { return false }
    return (0..<4).allSatisfy { bytes[place + $0] == name.utf8Start[$0] }
  }

  /// RIFF (Microsoft, 1991), little-endian or, as RIFX, big-endian; RF64 has sizes of 64 bits in a chunk of their own (EBU Tech
  /// 3306).
  private func checkWave() throws(SoundFault) {
    let size64 = has("RF64", at: 0) && has("ds64", at: 12) ? number(28, 8, isBigEndian: false) : nil
    try checkChunks("data", isBigEndian: has("RIFX", at: 0), size64: size64)
  }

  /// A name of four letters, a size, so many bytes and perhaps one more.
  private func checkChunks(_ name: StaticString, isBigEndian: Bool, size64: UInt64?) throws(SoundFault) {
    var place = 12
    while let size = number(place + 4, 4, isBigEndian: isBigEndian) {
      if has(name, at: place) {
        // A writer to a pipe could not know it.
        guard size != 0xFFFF_FFFF || size64 != nil, size != 0 else { return }
        return try require(size == 0xFFFF_FFFF ? size64! : size, from: place + 8)
      }
      place += 8 + Int(size) + Int(size % 2)
    }
    throw SoundFault("expected samples, found none: it is cut short")
  }

  private func require(_ size: UInt64, from place: Int) throws(SoundFault) {
    let found = bytes.count - place
    guard size > UInt64(max(0, found)) else { return }
    throw SoundFault("expected \(size) bytes of samples, found \(max(0, found)): it is cut short")
  }

  /// Sun's format: where the samples begin, and of how many bytes they are.
  private func checkAU() throws(SoundFault) {
    let isBigEndian = has(".snd", at: 0)
    guard let start = number(4, 4, isBigEndian: isBigEndian), let size = number(8, 4, isBigEndian: isBigEndian),
      size != 0xFFFF_FFFF
    else { return }
    try require(size, from: Int(start))
  }

  /// Pages (RFC 3533, section 6) that follow each other, with right check sums, the last one marked as such.
  private func checkPages() throws(SoundFault) {
    var (place, isEnded) = (0, false)
    while place < bytes.count {
      guard has("OggS", at: place), let flags = number(place + 5, 1, isBigEndian: false),
        let told = number(place + 22, 4, isBigEndian: false), let segments = number(place + 26, 1, isBigEndian: false),
        case let content = place + 27 + Int(segments), content <= bytes.count,
        case let end = (place + 27..<content).reduce(content, { $0 + Int(bytes[$1]) }), end <= bytes.count
      else { throw SoundFault("expected a page at byte \(place), found other bytes: it is damaged or cut short") }
      guard Self.checkSum(bytes[place..<end], sumAt: place + 22) == UInt32(told) else {
        throw SoundFault("expected a whole page at byte \(place), found a damaged one")
      }
      guard !(isEnded && flags & 2 != 0) else {
        throw SoundFault("expected one stream, found a second one at byte \(place); divide it")
      }
      isEnded = flags & 4 != 0
      place = end
    }
    guard isEnded else { throw SoundFault("expected a last page, found none: it is cut short") }
  }

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
