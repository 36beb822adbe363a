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

  package init(of bytes: UnsafeRawBufferPointer) throws(SoundFault) {
    guard !bytes.isEmpty else { throw SoundFault("expected a \(Self.words), found an empty file") }
    func starts(_ begin: [UInt8], _ place: Int = 0) -> Bool {
      bytes.count >= place + begin.count && bytes[place..<place + begin.count].elementsEqual(begin)
    }
    func starts(_ begin: String, _ place: Int = 0) -> Bool { starts(Array(begin.utf8), place) }
    let isWave = ["RIFF", "RIFX", "RF64"].contains { starts($0) } && starts("WAVE", 8)
    if isWave {
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
        ("an MP3", [0xFF, 0xF2], 0), ("an AAC", [0xFF, 0xF1], 0), ("an AAC", [0xFF, 0xF9], 0),
        ("an MP4", Array("ftyp".utf8), 4), ("a WMA", [0x30, 0x26, 0xB2, 0x75], 0), ("an AMR", Array("#!AMR".utf8), 0),
        ("a CAF", Array("caff".utf8), 0), ("a W64", Array("riff".utf8), 0),
        ("a Matroska", [0x1A, 0x45, 0xDF, 0xA3], 0),
        ("an AVI", Array("RIFF".utf8), 0), ("a web page or XML", Array("<".utf8), 0),
      ]
      throw SoundFault(
        "expected a \(Self.words), found \(known.first { starts($0.1, $0.2) }?.0 ?? "other bytes")")
    }
  }

  private static let words = "WAV, FLAC, OGG, AIFF or AU sound"
}
