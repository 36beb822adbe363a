import CKernels
import CSndFileSystem

/// Sounds in memory, decoded by libsndfile.
///
/// Whole numbers of any width come as whole numbers of 32 bits, the highest bits first, so that they are the same everywhere;
/// floating-point numbers and Vorbis as such. Channels become one: their mean.
package enum SoundFile {
  /// The most samples of a channel, and numbers of all: what has more is no use, and may be meant to fill memory.
  static let mostSamples = 1 << 28
  /// The most bytes of a file.
  package static let mostBytes = 1 << 29
  static let rates = 1000...768_000
  static let channels = 1...64

  /// `libsndfile-1.2.0`
  package static var version: String { String(cString: sf_version_string()) }

  /// A file in memory, and how far it was read.
  private struct Place {
    let bytes: UnsafeRawBufferPointer
    var offset = 0
  }

  private static func place(_ user: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<Place> {
    user!.assumingMemoryBound(to: Place.self)
  }

  private static var reading: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { sf_count_t(SoundFile.place($0).pointee.bytes.count) },
      seek: { offset, whence, user in
        let place = SoundFile.place(user)
        let origin =
          switch whence {
          case SEEK_SET: 0
          case SEEK_CUR: place.pointee.offset
          default: place.pointee.bytes.count
          }
        let (sum, overflows) = origin.addingReportingOverflow(Int(offset))
        guard !overflows, sum >= 0 else { return -1 }
        place.pointee.offset = sum
        return sf_count_t(sum)
      },
      read: { memory, count, user in
        let place = SoundFile.place(user)
        let (bytes, offset) = (place.pointee.bytes, place.pointee.offset)
        let length = max(0, min(Int(count), bytes.count - offset))
        guard length > 0, let memory else { return 0 }
        memory.copyMemory(from: bytes.baseAddress! + offset, byteCount: length)
        place.pointee.offset += length
        return sf_count_t(length)
      },
      write: { _, _, _ in 0 },
      tell: { sf_count_t(SoundFile.place($0).pointee.offset) })
  }

  /// Decodes all of a file into the beginning of `memory`, one number a sample, mostly in -1...1.
  ///
  /// - Returns: how many, at least one, and how many of them are a second.
  static func read(_ bytes: UnsafeRawBufferPointer, into memory: SoundMemory) throws(SoundFault) -> (
    count: Int, rate: Int
  ) {
    let kind = try SoundKind(of: bytes)
    guard bytes.count <= mostBytes else {
      throw SoundFault("expected at most \(mostBytes) bytes, found \(bytes.count)")
    }
    try SoundParts.check(bytes, kind)
    var place = Place(bytes: bytes)
    var functions = reading
    // Both are looked at as long as the file is open.
    let result: Result<(count: Int, rate: Int), SoundFault> = withUnsafeMutablePointer(to: &place) { place in
      withUnsafeMutablePointer(to: &functions) { functions in
        do throws(SoundFault) { return .success(try read(place, functions, kind, into: memory)) } catch {
          return .failure(error)
        }
      }
    }
    return try result.get()
  }

  private static func read(
    _ place: UnsafeMutablePointer<Place>, _ functions: UnsafeMutablePointer<SF_VIRTUAL_IO>, _ kind: SoundKind,
    into memory: SoundMemory
  ) throws(SoundFault) -> (count: Int, rate: Int) {
    var info = SF_INFO()
    guard let file = sf_open_virtual(functions, Int32(SFM_READ), &info, place) else {
      throw fault(kind, String(cString: sf_strerror(nil)))
    }
    defer { sf_close(file) }
    let (channels, rate) = (Int(info.channels), Int(info.samplerate))
    guard Self.channels.contains(channels) else {
      throw SoundFault("expected 1 to \(Self.channels.upperBound) channels, found \(channels)")
    }
    guard rates.contains(rate) else {
      throw SoundFault("expected a rate from \(rates.lowerBound) to \(rates.upperBound) Hz, found \(rate)")
    }
    let subtype = Int(info.format) & Int(SF_FORMAT_SUBMASK)
    let isReal = [SF_FORMAT_FLOAT, SF_FORMAT_DOUBLE, SF_FORMAT_VORBIS].contains { Int($0) == subtype }
    let count =
      isReal
      ? try decode(file, channels, kind, into: memory, sf_readf_double, ck_mix_real)
      : try decode(file, channels, kind, into: memory, sf_readf_int, ck_mix_whole)
    guard count > 0 else { throw SoundFault("expected samples, found none") }
    // How many there are to be is not known of what was written to a pipe.
    let told = Int(info.frames)
    guard told <= count || told > mostSamples else {
      throw SoundFault("expected \(told) samples, found \(count): it is damaged or cut short")
    }
    if isReal, ck_first_nonfinite(memory.base, Int64(count)) < count {
      let bad = Int(ck_first_nonfinite(memory.base, Int64(count)))
      throw SoundFault("expected finite samples, found \(memory.base[bad]) at \(bad)")
    }
    if isReal, let bad = (0..<count).first(where: { abs(memory.base[$0]) > Self.largest }) {
      throw SoundFault("expected samples within ±\(Int(Self.largest)), found \(memory.base[bad]) at \(bad)")
    }
    return (count, rate)
  }

  /// Of floating-point samples, whose full scale is 1: squares and sums of more would leave single precision.
  private static let largest: Float = 1_000_000
  private static let block = 8192

  private static func decode<Number: AdditiveArithmetic>(
    _ file: OpaquePointer, _ channels: Int, _ kind: SoundKind, into memory: SoundMemory,
    _ read: (OpaquePointer?, UnsafeMutablePointer<Number>?, sf_count_t) -> sf_count_t,
    _ mix: (UnsafeMutablePointer<Float>?, UnsafePointer<Number>?, Int, Int) -> Void
  ) throws(SoundFault) -> Int {
    var count = 0
    let frames = max(1, block / channels)
    let fault: SoundFault? = withUnsafeTemporaryAllocation(of: Number.self, capacity: frames * channels) { numbers in
      numbers.initialize(repeating: .zero)
      while true {
        let found = Int(read(file, numbers.baseAddress, sf_count_t(frames)))
        guard found > 0 else { return nil }
        guard count + found <= mostSamples / channels else {
          return SoundFault("expected at most \(mostSamples) samples of all channels, found more")
        }
        let room = memory.room(count + found, keeping: count)
        mix(room + count, numbers.baseAddress, found, channels)
        count += found
      }
    }
    if let fault { throw fault }
    guard sf_error(file) == 0 else { throw Self.fault(kind, String(cString: sf_strerror(file))) }
    return count
  }

  private static func fault(_ kind: SoundKind, _ message: String) -> SoundFault {
    let text = message.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(200)
    return SoundFault("expected a whole \(kind.rawValue) sound, found a damaged one (\(text))")
  }
}
