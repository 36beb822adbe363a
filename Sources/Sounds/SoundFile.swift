import CKernels
import CSndFileSystem
import Diagnostics
import Glibc

/// A sound's file that is open, decoded by libsndfile, some samples at a time.
///
/// Whole numbers of any width come as whole numbers of 32 bits, the highest bits first, so that they are the same everywhere;
/// floating-point numbers and Vorbis as such. Channels become one: their mean.
package final class SoundFile {
  /// The most samples of all channels: what has more is no use, and may be meant never to end. A day of two channels at 48,000 Hz.
  static let mostSamples = 1 << 33
  /// The most bytes of a file.
  package static let mostBytes = 1 << 36
  static let rates = 1000...768_000
  static let channels = 1...64
  /// The most samples that `next` gives.
  static let block = 8192

  /// `libsndfile-1.2.0`
  package static var version: String { String(cString: sf_version_string()) }

  /// `Xiph.Org libVorbis 1.3.7`: of the library that libsndfile decodes Vorbis by. Its numbers are those of
  /// a version; FLAC's are exact in each.
  package static let vorbisVersion: String = {
    guard let library = dlopen("libvorbis.so.0", RTLD_NOW), let symbol = dlsym(library, "vorbis_version_string") else {
      return "libvorbis of an unknown version"
    }
    typealias Version = @convention(c) () -> UnsafePointer<CChar>?
    return unsafeBitCast(symbol, to: Version.self)().map { String(cString: $0) } ?? "libvorbis of an unknown version"
  }()

  let kind: SoundKind
  /// Samples a second.
  package let rate: Int
  /// How many samples of a channel there are to be; nil: the file does not say.
  package let told: Int?
  /// So far.
  private(set) var count = 0
  private let channels: Int
  private let isReal: Bool
  /// Whether it was compressed by Vorbis.
  let isVorbis: Bool
  private let file: OpaquePointer
  private let input: Input
  private let numbers: UnsafeMutableRawBufferPointer

  /// Opens a file; throws where it is none that is read, or is not whole as far as it says how long it is.
  package init(_ bytes: SoundBytes) throws(SoundFault) {
    kind = try SoundKind(of: bytes)
    guard bytes.count <= Self.mostBytes else {
      throw SoundFault("expected at most \(Self.mostBytes) bytes, found \(bytes.count)")
    }
    try SoundParts.check(bytes, kind)
    input = Input(bytes)
    var (info, functions) = (SF_INFO(), Input.functions)
    let user = Unmanaged.passUnretained(input).toOpaque()
    guard let file = sf_open_virtual(&functions, Int32(SFM_READ), &info, user) else {
      throw input.fault ?? Self.fault(kind, String(cString: sf_strerror(nil)))
    }
    self.file = file
    numbers = .allocate(byteCount: 8 * Self.block, alignment: 64)
    (channels, rate) = (Int(info.channels), Int(info.samplerate))
    let subtype = Int(info.format) & Int(SF_FORMAT_SUBMASK)
    isVorbis = subtype == Int(SF_FORMAT_VORBIS)
    isReal = [SF_FORMAT_FLOAT, SF_FORMAT_DOUBLE, SF_FORMAT_VORBIS].contains { Int($0) == subtype }
    // How many there are to be is not known of what was written to a pipe.
    told = Int(info.frames) > Self.mostSamples ? nil : Int(info.frames)
    guard Self.channels.contains(channels) else {
      throw SoundFault("expected 1 to \(Self.channels.upperBound) channels, found \(channels)")
    }
    guard Self.rates.contains(rate) else {
      throw SoundFault("expected a rate from \(Self.rates.lowerBound) to \(Self.rates.upperBound) Hz, found \(rate)")
    }
  }

  deinit {
    sf_close(file)
    numbers.deallocate()
  }

  /// Overwrites the beginning of `out`, which has room for `block` numbers, with the next samples, mostly in -1...1.
  ///
  /// - Returns: how many; 0 at the end, where all that the file has told of has come.
  func next(into out: UnsafeMutablePointer<Float>) throws(SoundFault) -> Int {
    let frames = max(1, Self.block / channels)
    let found: Int
    if isReal {
      let values = numbers.baseAddress!.assumingMemoryBound(to: Double.self)
      found = Int(sf_readf_double(file, values, sf_count_t(frames)))
      if found > 0 { ck_mix_real(out, values, found, channels) }
    } else {
      let values = numbers.baseAddress!.assumingMemoryBound(to: Int32.self)
      found = Int(sf_readf_int(file, values, sf_count_t(frames)))
      if found > 0 { ck_mix_whole(out, values, found, channels) }
    }
    // Each read forgets what went wrong in the one before, as where a checksum of FLAC is not right.
    guard sf_error(file) == 0 else { throw input.fault ?? Self.fault(kind, String(cString: sf_strerror(file))) }
    guard found > 0 else { return try end() }
    if isReal { try check(out, found) }
    count += found
    guard count <= Self.mostSamples / channels else {
      throw SoundFault("expected at most \(Self.mostSamples) samples of all channels, found more")
    }
    return found
  }

  /// Of floating-point samples, whose full scale is 1: squares and sums of more would leave single precision.
  private static let largest: Float = 1_000_000

  private func check(_ out: UnsafePointer<Float>, _ found: Int) throws(SoundFault) {
    let bad = ck_first_beyond(out, found, Self.largest)
    guard bad < found else { return }
    let expected = out[bad].isFinite ? "samples within ±\(Int(Self.largest))" : "finite samples"
    throw SoundFault("expected \(expected), found \(out[bad]) at \(count + bad)")
  }

  private func end() throws(SoundFault) -> Int {
    if let fault = input.fault { throw fault }
    guard count > 0 else { throw SoundFault("expected samples, found none") }
    if let told, told > count {
      throw SoundFault("expected \(told) samples, found \(count): it is damaged or cut short")
    }
    return 0
  }

  private static func fault(_ kind: SoundKind, _ message: String) -> SoundFault {
    let text = message.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(200)
    return SoundFault("expected a whole \(kind.rawValue) sound, found a damaged one (\(text))")
  }
}

/// What libsndfile reads, and how far it has.
private final class Input {
  private let bytes: SoundBytes
  private var offset = 0
  /// Why bytes could not be read.
  private(set) var fault: SoundFault?

  init(_ bytes: SoundBytes) { self.bytes = bytes }

  private static func of(_ user: UnsafeMutableRawPointer?) -> Input {
    Unmanaged.fromOpaque(user!).takeUnretainedValue()
  }

  static var functions: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { sf_count_t(Input.of($0).bytes.count) },
      seek: { sf_count_t(Input.of($2).seek(Int($0), $1)) },
      read: { sf_count_t(Input.of($2).read(into: $0, Int($1))) },
      write: { _, _, _ in 0 },
      tell: { sf_count_t(Input.of($0).offset) })
  }

  private func seek(_ distance: Int, _ whence: Int32) -> Int {
    let origin =
      switch whence {
      case SEEK_SET: 0
      case SEEK_CUR: offset
      default: bytes.count
      }
    let (sum, overflows) = origin.addingReportingOverflow(distance)
    guard !overflows, sum >= 0 else { return -1 }
    offset = sum
    return sum
  }

  private func read(into memory: UnsafeMutableRawPointer?, _ wanted: Int) -> Int {
    let length = max(0, min(wanted, bytes.count - offset))
    guard length > 0, let memory else { return 0 }
    var done = 0
    while done < length {
      let piece = min(length - done, SoundBytes.most)
      do throws(SoundFault) {
        memory.advanced(by: done).copyMemory(
          from: try bytes.bytes(offset..<offset + piece).baseAddress!, byteCount: piece)
      } catch {
        fault = error
        return done
      }
      (done, offset) = (done + piece, offset + piece)
    }
    return done
  }
}
