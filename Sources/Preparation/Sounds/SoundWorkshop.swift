import Diagnostics
import Pictures
import Sounds
import Synchronization
import Tables

/// Makers of sounds that nobody uses at the moment: as many as threads have worked at the same time.
final class SoundWorkshop: Sendable {
  /// What a thread needs.
  final class Place {
    let maker: SoundMaker
    /// Bytes of a file.
    let file = GrowingBytes()

    init(_ form: SoundForm) { maker = SoundMaker(form) }
  }

  private struct Free: @unchecked Sendable { var places: [Place] = [] }

  let form: SoundForm
  private let free = Mutex(Free())

  init(_ form: SoundForm) { self.form = form }

  func with<Result, E: Error>(_ body: (Place) throws(E) -> Result) throws(E) -> Result {
    nonisolated(unsafe) let place = take()
    defer { free.withLock { $0.places.append(place) } }
    return try body(place)
  }

  private func take() -> Place {
    nonisolated(unsafe) var found: Place?
    free.withLock { found = $0.places.popLast() }
    return found ?? Place(form)
  }
}

/// What becomes of one file, or why nothing does.
struct MadeSound {
  /// Clips of T×F numbers, one behind the other.
  let numbers: [Float]
  let clips: Int
  /// Of the file itself.
  let samples: Int

  /// Reads a row's file, and makes its clips. `look` sees its bytes.
  static func make(
    _ row: Int, of chunk: TableChunk, in fields: [RawField], _ bytes: any PictureBytes, at place: SoundWorkshop.Place,
    look: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) -> Result<MadeSound, SoundFault> {
    do {
      let file = try bytes.place(row, of: chunk, in: fields).bytes(using: place.file)
      look(file)
      let made = try place.maker.make(file)
      return .success(MadeSound(numbers: made.numbers, clips: made.clips, samples: made.samples))
    } catch {
      return .failure(error as? SoundFault ?? SoundFault((error as? PictureFault)?.reason ?? "\(error)"))
    }
  }
}
