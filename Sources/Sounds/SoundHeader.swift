import CSndFileSystem

/// What a file of sound says of itself, before it is decoded.
package struct SoundHeader: Sendable {
  /// Samples a second.
  package let rate: Int
  package let channels: Int
  /// How long it lasts.
  package let seconds: Double

  /// Throws where libsndfile cannot read the file.
  package init(_ path: String) throws(SoundFault) {
    var info = SF_INFO()
    guard let file = sf_open(path, Int32(SFM_READ), &info) else {
      throw SoundFault("expected a sound, found: \(String(cString: sf_strerror(nil)))")
    }
    sf_close(file)
    guard info.samplerate > 0, info.frames > 0, info.channels > 0 else {
      throw SoundFault("expected samples, found none")
    }
    (rate, channels, seconds) = (
      Int(info.samplerate), Int(info.channels), Double(info.frames) / Double(info.samplerate)
    )
  }
}
