/// What a sound's bytes are, as their beginning says; the name of their file decides nothing.
package enum SoundKind: String, Sendable {
  case wave = "WAV"
  case aiff = "AIFF"
  case au = "AU"
  case flac = "FLAC"
  case ogg = "OGG"

  /// Endings, without a point, of files that are looked at: also of kinds that are not read, which are told of.
  package static let endings =
    ["wav", "wave", "rf64", "aif", "aiff", "aifc", "au", "snd", "flac", "ogg", "oga"] + others
  private static let others = ["mp3", "mp2", "m4a", "mp4", "aac", "wma", "opus", "amr", "caf", "w64", "ape", "wv"]

  package init(of bytes: SoundBytes) throws(SoundFault) {
    guard bytes.count > 0 else { throw SoundFault("expected a \(Self.words), found an empty file") }
    let start = try Self.start(bytes)
    let begin = Array(try bytes.bytes(start..<min(bytes.count, start + 64)))
    func starts(_ part: [UInt8], _ place: Int = 0) -> Bool {
      begin.count >= place + part.count && begin[place..<place + part.count].elementsEqual(part)
    }
    func starts(_ part: String, _ place: Int = 0) -> Bool { starts(Array(part.utf8), place) }
    if ["RIFF", "RIFX", "RF64"].contains(where: { starts($0) }), starts("WAVE", 8) {
      self = .wave
    } else if starts("FORM"), starts("AIFF", 8) || starts("AIFC", 8) {
      self = .aiff
    } else if starts(".snd") || starts("dns.") {
      self = .au
    } else if starts("fLaC") {
      self = .flac
    } else if starts("OggS") {
      // Another decoder, whose numbers may be others on other processors.
      guard !starts("OpusHead", 28) else { throw SoundFault("expected a \(Self.words), found Opus") }
      self = .ogg
    } else {
      let known: [(String, [UInt8], Int)] = [
        ("an MP3", Array("ID3".utf8), 0), ("an MP3", [0xFF, 0xFB], 0), ("an MP3", [0xFF, 0xF3], 0),
        ("an MP3", [0xFF, 0xF2], 0),
        ("an AAC", [0xFF, 0xF1], 0), ("an AAC", [0xFF, 0xF9], 0), ("an MP4", Array("ftyp".utf8), 4),
        ("a WMA", [0x30, 0x26, 0xB2, 0x75], 0), ("an AMR", Array("#!AMR".utf8), 0), ("a CAF", Array("caff".utf8), 0),
        ("a W64", Array("riff".utf8), 0), ("a Matroska", [0x1A, 0x45, 0xDF, 0xA3], 0),
        ("an AVI", Array("AVI ".utf8), 8), ("a WebP", Array("WEBP".utf8), 8),
        ("a web page or XML", Array("<".utf8), 0),
      ]
      let isContainer = ["RIFF", "RIFX", "RF64", "FORM"].contains { starts($0) }
      let other =
        known.first { starts($0.1, $0.2) }?.0 ?? (start > 0 ? "an MP3" : nil)
        ?? (isContainer && begin.count < 12 ? "the beginning of one: it is cut short" : nil)
        ?? (isContainer ? "a container of something else" : "other bytes")
      throw SoundFault("expected a \(Self.words), found \(other)")
    }
  }

  /// Where the sound begins: behind a tag of ID3 (version 2, section 3.1), which tells its length in seven bits of each of four bytes.
  private static func start(_ bytes: SoundBytes) throws(SoundFault) -> Int {
    let header = try bytes.bytes(0..<min(bytes.count, 10))
    guard header.count == 10, header[..<3].elementsEqual("ID3".utf8) else { return 0 }
    let size = header[6...].reduce(0) { $0 << 7 | Int($1 & 0x7F) }
    let end = 10 + size + (header[5] & 0x10 != 0 ? 10 : 0)
    // What is told there is told of the tag.
    return end < bytes.count ? end : 0
  }

  private static let words = "WAV, FLAC, OGG, AIFF or AU sound"
}
