import Diagnostics
import Foundation
import Goldens
import Lockstep
import Preparation
import Sounds

// Sounds, and what was made of them.
extension Parser {
  static let soundFiles = [
    "whole-8.wav", "whole-16.wav", "whole-24.wav", "whole-32.wav", "real-32.wav", "real-64.wav", "stereo.wav",
    "three.wav", "rf64.wav", "big.wav", "law.wav", "flac-16.flac", "flac-24.flac", "aiff-16.aiff", "au-24.au",
    "vorbis.ogg",
  ]

  /// Every number of a sample is finite, whatever the bytes.
  static func readSound(_ bytes: [UInt8], _ random: inout Randomness) throws {
    // Most OGG files have right check sums, so that what lies behind them is read as well.
    let bytes = random.below(4) == 0 ? bytes : resealedOGG(bytes)
    var spectrum = SpectrumForm(window: 100, hop: 50, size: 128, high: 2000)
    spectrum.bands = random.pick([nil, 8])
    let form = SoundForm(
      rate: random.pick([4000, 8000, 11_025]), samples: 200 + Int(random.below(2000)),
      fit: random.pick(SoundForm.Fit.allCases), clips: random.pick([1, 1, 5]), spectrum: random.pick([nil, spectrum]))
    do {
      let made = try bytes.withUnsafeBytes { try SoundMaker(form).make($0) }
      guard made.numbers.count == made.clips * form.count, (1...form.clips).contains(made.clips) else {
        throw Unexpected("\(made.numbers.count) numbers of \(made.clips) clips")
      }
      // Samples may be as large as floats are; their squares may not be.
      guard form.spectrum != nil || made.numbers.allSatisfy(\.isFinite) else {
        throw Unexpected("a number that is none")
      }
    } catch let fault as SoundFault {
      guard fault.reason.hasPrefix("expected ") else { throw Unexpected("a reason that says '\(fault.reason)'") }
      throw Failure(.badData, fault.reason)
    }
  }

  /// The same with the check sum of each page set right.
  private static func resealedOGG(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.starts(with: Array("OggS".utf8)) else { return bytes }
    var (bytes, place) = (bytes, 0)
    while place + 27 <= bytes.count, bytes[place..<place + 4].elementsEqual("OggS".utf8) {
      let content = place + 27 + Int(bytes[place + 26])
      guard content <= bytes.count else { break }
      let end = bytes[place + 27..<content].reduce(content) { $0 + Int($1) }
      guard end <= bytes.count else { break }
      let sum = bytes.withUnsafeBytes { SoundParts.checkSum($0[place..<end], sumAt: place + 22) }
      for byte in 0..<4 { bytes[place + 22 + byte] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(byte))) }
      place = end
    }
    return bytes
  }

  /// A folder of prepared sounds; the file `name` of it is what is damaged.
  static func preparedSounds(in folder: String) throws -> (directory: String, settings: SoundSettings) {
    for (place, file) in ["whole-16.wav", "flac-16.flac", "stereo.wav", "speech.wav"].enumerated() {
      let own = "\(folder)/sounds/\(place % 2)"
      try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
      try write(contents(goldenPath("sounds/\(file)")), to: "\(own)/\(place)\(file)")
    }
    let yaml = """
      data: {audio: {train: \(folder)/sounds, rate: 8000, seconds: 0.05, features: {log-mel: {bands: 4}}, clips: 2,
        split: {random: {test: 0}}, keep-under: \(folder)/kept}}
      model: [flatten, {dense: 2}]
      """
    let configuration = try RunConfiguration(yaml: yaml, name: "fuzz")
    let name = try configuration.data.preparedName(seed: configuration.seed)!
    return ("\(folder)/kept/\(name)", (configuration.data as! AudioSource).settings)
  }

  static let preparedSoundFiles = [
    "prepared.json", "names.npy", "names.npy.bytes", "train.features.npy", "train.targets.npy", "train.sounds.npy",
  ]

  /// What is opened is what was prepared, to the bit.
  static func readPreparedSounds(
    _ bytes: [UInt8], as name: String, in directory: String, _ settings: SoundSettings, _ whole: [UInt8]
  ) throws {
    try write(bytes, to: "\(directory)/\(name)")
    defer { try? write(whole, to: "\(directory)/\(name)") }
    let sounds = try PreparedSounds(directory, settings)
    // What stands before the numbers of an array file is looked at by its reader.
    let header = name.contains(".npy") ? 128 : 0
    guard bytes.dropFirst(header) == whole.dropFirst(header) || name == "prepared.json" else {
      throw Unexpected("a changed \(name) that was not noticed")
    }
    guard sounds.names(of: .train).count == 4 else { throw Unexpected("sounds that were not prepared") }
  }
}
