import Diagnostics
import Pictures
import Sounds
import Synchronization

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

extension FilePlace {
  /// The bytes of a sound: all of them in `memory`, where they are few, else read as they are asked for.
  func sound(using memory: GrowingBytes) throws(FileFault) -> SoundBytes {
    guard case .file(let path) = self else { return SoundBytes(try bytes(using: memory)) }
    let file = try ListedFiles.opened(path, most: SoundFile.mostBytes)
    return file.size > 1 << 22 ? SoundBytes(file) : SoundBytes(try ListedFiles.read(file, using: memory))
  }
}
