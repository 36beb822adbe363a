import Foundation
import Goldens

@testable import Sounds

/// A file of Tests/Goldens/sounds: see make-sounds.py beside it.
func contents(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: goldenPath("sounds/\(name)"))))
}

/// The samples of a file in memory, and their rate.
func decoded(_ bytes: [UInt8]) throws -> (samples: [Float], rate: Int) {
  try bytes.withUnsafeBytes { bytes in
    let (file, memory) = (try SoundFile(SoundBytes(bytes)), SoundMemory(capacity: SoundFile.block))
    var samples: [Float] = []
    while case let count = try file.next(into: memory.base), count > 0 {
      samples += UnsafeBufferPointer(start: memory.base, count: count)
    }
    return (samples, file.rate)
  }
}

/// Why bytes are refused; nil where they are a sound.
func reason(_ bytes: [UInt8]) -> String? {
  do { _ = try decoded(bytes) } catch { return (error as? SoundFault)?.reason ?? "\(error)" }
  return nil
}

/// A WAV file of 16 bits.
func wave(_ samples: [Int16], rate: Int = 8000, channels: Int = 1) -> [UInt8] {
  func bytes(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
  let data = samples.flatMap { bytes(Int($0), 2) }
  let format =
    bytes(1, 2) + bytes(channels, 2) + bytes(rate, 4) + bytes(2 * rate * channels, 4) + bytes(2 * channels, 2)
    + bytes(16, 2)
  let body = Array("WAVEfmt ".utf8) + bytes(16, 4) + format + Array("data".utf8) + bytes(data.count, 4) + data
  return Array("RIFF".utf8) + bytes(body.count, 4) + body
}

/// A sound at another rate, of all its samples at once.
func resampled(_ samples: [Float], _ resampler: Resampler) -> [Float] {
  let count = resampler.count(of: samples.count)
  let inputs = resampler.inputs(of: 0..<count)
  let silence = [Float](repeating: 0, count: resampler.reach)
  let rest = max(0, inputs.count - samples.count - resampler.reach)
  let padded = silence + samples + [Float](repeating: 0, count: rest)
  return [Float](unsafeUninitializedCapacity: count) { out, found in
    resampler.resample(padded, from: 0, count: count, into: out.baseAddress!)
    found = count
  }
}
