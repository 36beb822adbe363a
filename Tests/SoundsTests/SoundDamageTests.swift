import Foundation
import Testing

@testable import Sounds

/// Bytes that are no sound, or no whole one: each is told by what was expected and found.
@Suite struct SoundDamageTests {
  @Test func whatIsNone() throws {
    let expected = "expected a WAV, FLAC, OGG, AIFF or AU sound, found"
    #expect(reason([]) == "\(expected) an empty file")
    #expect(reason(Array("ID3.....".utf8)) == "\(expected) an MP3")
    #expect(reason(Array("....ftypM4A ".utf8)) == "\(expected) an MP4")
    #expect(reason(Array("RIFF....AVI ".utf8)) == "\(expected) an AVI")
    #expect(reason(Array("RIFF....ACON".utf8)) == "\(expected) a container of something else")
    #expect(reason(Array("RIFF....WA".utf8)) == "\(expected) the beginning of one: it is cut short")
    #expect(reason(Array("ID3\u{4}\0\0\0\0\0\u{4}abcdmore".utf8)) == "\(expected) an MP3")
    #expect(reason(Array("hello".utf8)) == "\(expected) other bytes")
    #expect(try reason(contents("opus.ogg")) == "\(expected) Opus")
  }

  @Test func whatIsCutShort() throws {
    let whole = wave([1, 2, 3, 4, 5, 6])
    #expect(reason(whole) == nil)
    #expect(reason(Array(whole.dropLast(3))) == "expected 12 bytes of samples, found 9: it is cut short")
    #expect(reason(Array(whole.prefix(40))) == "expected samples, found none: it is cut short")
    #expect(reason(wave([])) == "expected samples, found none")
    for name in ["flac-16.flac", "vorbis.ogg", "aiff-16.aiff", "au-24.au", "rf64.wav", "big.wav", "stereo.wav"] {
      let bytes = try contents(name)
      for length in [bytes.count - 2, bytes.count * 3 / 4, bytes.count / 2] {
        let told = reason(Array(bytes.prefix(length)))
        #expect(
          told?.hasPrefix("expected ") == true, "\(name), \(length) of \(bytes.count) bytes: \(told ?? "nothing")")
      }
    }
  }

  /// A writer to a pipe does not know how long it will be.
  @Test func lengthsThatNobodyKnows() throws {
    var bytes = wave([1, 2, 3, 4, 5, 6])
    // As FFmpeg, SoX and arecord write it.
    for length in [[255, 255, 255, 255], [255, 255, 255, 0x7F], [0, 0xF0, 255, 0x7F], [0, 0, 0, 0x80]] as [[UInt8]] {
      bytes.replaceSubrange(40..<44, with: length)
      #expect(try decoded(bytes).samples.count == 6)
    }
  }

  /// Some programs put a tag of ID3 in front of FLAC.
  @Test func taggedFLAC() throws {
    let plain = try contents("flac-16.flac")
    let tagged = Array("ID3".utf8) + [4, 0, 0, 0, 0, 1, 2] + [UInt8](repeating: 0, count: 130) + plain
    #expect(try decoded(tagged).samples == decoded(plain).samples)
  }

  @Test func damagedFLAC() throws {
    var bytes = try contents("flac-16.flac")
    bytes[bytes.count / 2] ^= 0x10
    #expect(reason(bytes)?.hasPrefix("expected ") == true)
  }

  /// Ten frames, read in five blocks: what is wrong with one of them is not forgotten at the next.
  @Test func damagedFramesOfFLAC() throws {
    let whole = Array(
      try #require(
        Data(
          base64Encoded:
            "ZkxhQwAAACIQABAAAAALAAALAfQA8AAAoAAe0V0hj4BdlPKjGKpZJo7chAAAKCAAAAByZWZlcmVuY2UgbGliRkxBQyAxLjQuMyAyMDIzMDYyMwAAAAD/+MQIAAQAAAD4VP/4xAgBAwEgfVU2//jECAIKARB9Qb7/+MQIAw0BIXcL+f/4xAgEGAEIffir//jECAUfASJx6Pj/+MQIBhYBEXf2ZP/4xAgHEQEjazZU//jECAg8AQR9goT/+MQICTsBJGWurw=="
        )))
    #expect(reason(whole) == nil)
    // Numbers of each frame, which its checksum is of.
    for frame in 0..<10 {
      var bytes = whole
      bytes[whole.count - 11 * (10 - frame) + 7] ^= 1
      #expect(reason(bytes)?.hasPrefix("expected a whole FLAC sound, found a damaged one") == true, "frame \(frame)")
    }
  }

  @Test func impossibleHeaders() throws {
    func with(_ place: Int, _ values: [UInt8]) -> [UInt8] {
      var bytes = wave([1, 2, 3, 4, 5, 6])
      bytes.replaceSubrange(place..<place + values.count, with: values)
      return bytes
    }
    #expect(reason(with(24, [100, 0, 0, 0]))?.hasPrefix("expected a rate from 1000 to 768000 Hz, found 100") == true)
    #expect(reason(with(22, [0, 0])) != nil)
    #expect(reason(with(22, [200, 0])) != nil)
    var infinite = try contents("real-32.wav")
    infinite.replaceSubrange(infinite.count - 8..<infinite.count - 4, with: [0, 0, 0x80, 0x7F])
    #expect(reason(infinite) == "expected finite samples, found inf at 238")
    // Rates without a small common measure.
    #expect(throws: SoundFault.self) { _ = try Resampler(from: 767_999, to: 700_001) }
  }
}
