/// The orientation that EXIF data tell: one number in the first directory of a TIFF file (TIFF 6.0, section 2; Exif 2.32, 4.6.4).
extension Orientation {
  private static let tag = 0x0112
  private static let short = 3

  /// Of a TIFF file in memory; upright where it does not say, or says nonsense.
  package init(tiff bytes: UnsafeRawBufferPointer) {
    var numbers = ByteNumbers(bytes: bytes)
    self = .upright
    guard numbers.has("MM", at: 0) || numbers.has("II", at: 0) else { return }
    numbers.isBigEndian = numbers.has("MM", at: 0)
    guard numbers.short(2) == 42, let first = numbers.long(4), let entries = numbers.short(first) else { return }
    for entry in 0..<entries {
      let place = first + 2 + 12 * entry
      guard let tag = numbers.short(place) else { return }
      guard tag == Self.tag else { continue }
      guard numbers.short(place + 2) == Self.short, numbers.long(place + 4) == 1, let value = numbers.short(place + 8)
      else { return }
      self = Orientation(rawValue: value) ?? .upright
      return
    }
  }

  /// Of a JPEG file: what stands before its pixels is looked through for its first part of EXIF data.
  init(jpeg bytes: UnsafeRawBufferPointer) {
    let numbers = ByteNumbers(bytes: bytes)
    var place = 2
    self = .upright
    // A part begins with 0xFF, perhaps several, and a letter; then comes its length, these two bytes among it.
    while numbers.byte(place) == 0xFF {
      while numbers.byte(place + 1) == 0xFF { place += 1 }
      guard let letter = numbers.byte(place + 1), letter != 0xDA, letter != 0xD9 else { return }
      guard let length = numbers.short(place + 2), length >= 2 else { return }
      if letter == 0xE1, numbers.has("Exif\0\0", at: place + 4) {
        let (start, end) = (place + 10, min(place + 2 + length, bytes.count))
        if start < end { self.init(tiff: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) }
        return
      }
      place += 2 + length
    }
  }
}
