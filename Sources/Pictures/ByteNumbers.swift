/// Numbers in bytes that nobody vouches for: what lies outside of them is nil.
struct ByteNumbers {
  let bytes: UnsafeRawBufferPointer
  var isBigEndian = true

  func byte(_ place: Int) -> Int? { bytes.indices.contains(place) ? Int(bytes[place]) : nil }

  /// Of two bytes.
  func short(_ place: Int) -> Int? {
    guard let one = byte(place), let two = byte(place + 1) else { return nil }
    return isBigEndian ? one << 8 | two : two << 8 | one
  }

  /// Of four bytes.
  func long(_ place: Int) -> Int? {
    guard let one = short(place), let two = short(place + 2) else { return nil }
    return isBigEndian ? one << 16 | two : two << 16 | one
  }

  /// Whether a text stands at a place.
  func has(_ text: StaticString, at place: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard place >= 0, place <= bytes.count, count <= bytes.count - place else { return false }
    return (0..<count).allSatisfy { bytes[place + $0] == text.utf8Start[$0] }
  }
}
