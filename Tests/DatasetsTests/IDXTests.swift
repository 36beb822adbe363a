import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

@Suite struct IDXTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func idx(_ type: UInt8, _ extents: [Int], _ elements: [UInt8]) -> [UInt8] {
    [0, 0, type, UInt8(extents.count)]
      + extents.flatMap { extent in (0..<4).map { UInt8(truncatingIfNeeded: extent >> (24 - 8 * $0)) } } + elements
  }

  private static let images = idx(8, [2, 1, 3], [1, 2, 3, 4, 5, 255])

  @Test(arguments: [false, true])
  func imagesAndLabels(packed: Bool) throws {
    let labels = Self.idx(8, [2], [1, 0])
    let data = try Dataset.idx(
      images: folder.write(packed ? gzip(Self.images) : Self.images, "images"),
      labels: folder.write(packed ? gzip(labels) : labels, "labels"))
    #expect((data.count, data.shape) == (2, [1, 3, 1]))
    #expect(data.gathered([1]) == [4, 5, 255])
    #expect(data.targets == .classes([1, 0], names: ["0", "1"]))
  }

  @Test func otherForms() throws {
    let channels = try Dataset.idx(images: folder.write(Self.idx(8, [1, 1, 1, 3], [1, 2, 3])))
    #expect((channels.shape, channels.targets) == ([1, 1, 3], .none))
    #expect(try Dataset.idx(images: folder.write(Self.idx(8, [2, 2], [1, 2, 3, 4]))).shape == [2])
    let floats = try folder.write(Self.idx(0x0D, [1, 2], [0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0]))
    #expect(try Dataset.idx(images: floats).gathered([0]) == [1.5, -2])
    let members = try folder.write(gzip(Array(Self.images.prefix(18))) + gzip(Array(Self.images.dropFirst(18))))
    #expect(try Dataset.idx(images: members).gathered([1]) == [4, 5, 255])
  }

  @Test func targetsOfSeveralNumbers() throws {
    let images = try folder.write(Self.images, "images")
    func targets(_ type: UInt8, _ extents: [Int], _ elements: [UInt8], divisor: Float = 1) throws -> Dataset {
      try Dataset.idx(
        images: images, targets: folder.write(Self.idx(type, extents, elements), "targets"), divisor: divisor)
    }
    let picture = try targets(8, [2, 1, 3], [0, 51, 255, 1, 2, 3], divisor: 255)
    #expect((picture.targetShape, picture.valueWidth, picture.targetNames) == ([1, 3, 1], 3, nil))
    let scaled: [Float] = [0, 51, 255, 1, 2, 3].map { (byte: Float) -> Float in byte / 255 }
    #expect(picture.targets == .values(scaled, width: 3))
    #expect(picture.classNames == nil)
    #expect(try targets(8, [2, 1, 1, 2], [1, 2, 3, 4]).targetShape == [1, 1, 2])
    #expect(try targets(8, [2, 2], [1, 2, 3, 4]).targetShape == [2])
    let numbers = try targets(0x0D, [2], [0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0], divisor: 2)
    #expect((numbers.targetShape, numbers.targets) == ([1], .values([0.75, -1], width: 1)))
    expectFailure(.badData, "targets: expected 2 targets, as many as images in \(images), found 3") {
      try targets(8, [3, 2], [1, 2, 3, 4, 5, 6])
    }
    expectFailure(.badData, "expected finite numbers, found nan in sample 1") {
      try targets(0x0D, [2], [0, 0, 0, 0, 0x7F, 0xC0, 0, 0])
    }
    expectFailure(.badData, "expected finite numbers after division by 1e-30, found inf") {
      try targets(0x0D, [2], [0x7F, 0x7F, 0, 0, 0, 0, 0, 0], divisor: 1e-30)
    }
    expectFailure(.badData, "expected targets of rank 1 to 4, found rank 5") {
      try targets(8, [2, 1, 1, 1, 1], [1, 2])
    }
  }

  @Test func classesAreNamedOrCounted() throws {
    let images = try folder.write(Self.images, "images")
    let labels = try folder.write(Self.idx(8, [2], [1, 0]), "labels")
    let names = ["a", "b", "c"]
    #expect(try Dataset.idx(images: images, labels: labels, classNames: names).classNames == names)
    #expect(try Dataset.idx(images: images, labels: labels, classCount: 3).classNames == ["0", "1", "2"])
    expectFailure(.badData, "\(labels): expected labels in 0..<1, found 1 for sample 0") {
      try Dataset.idx(images: images, labels: labels, classNames: ["a"])
    }
    expectFailure(.badData, "expected labels in 0..<1, found 1") {
      try Dataset.idx(images: images, labels: labels, classCount: 1)
    }
  }

  private func expectBad(
    _ bytes: [UInt8], _ part: String, at location: SourceLocation = #_sourceLocation
  ) throws {
    let path = try folder.write(bytes, "bad")
    expectFailure(.badData, "\(path): ", part, at: location) { try Dataset.idx(images: path) }
  }

  @Test func wrongHeaders() throws {
    try expectBad([], "expected images in IDX format, found an empty file")
    try expectBad([0, 0], "found 00 00")
    try expectBad(gzip([]), "found nothing")
    try expectBad([0x89, 0x50, 0x4E, 0x47, 1], "which begin with bytes 00 00 08 02, found 89 50 4E 47")
    try expectBad(Self.idx(0x0B, [1, 1], [0, 0]), "expected images of element type 0x08 or 0x0D, found 0x0B")
    try expectBad(Self.idx(8, [2], [0, 0]), "expected images of rank 2 to 4, found rank 1; check that images")
    try expectBad(Self.idx(8, [1, 1, 1, 1, 1], [0]), "found rank 5")
    try expectBad([0, 0, 8, 3, 0, 0, 0], "expected 3 extents = 16 bytes of header, found 7 bytes")
    try expectBad(Self.idx(8, [0, 28, 28], []), "expected images, found none (extents 0×28×28)")
  }

  @Test func wrongLengths() throws {
    try expectBad(Array(Self.images.dropLast()), "expected 2×1×3 = 6 bytes of images, found 5 bytes")
    try expectBad(Self.images + [0], "expected 2×1×3 = 6 bytes of images, found trailing bytes")
    try expectBad(gzip(Array(Self.images.dropLast())), "expected 2×1×3 = 6 bytes of images, found 5 bytes")
    try expectBad(gzip(Self.images + [0]), "found trailing bytes")
    let all = 0xFFFF_FFFF
    try expectBad(Self.idx(8, [all, all, all], [0]), "found extents 4294967295×4294967295×4294967295 in the header")
    // Promises 4 GiB that are not there: an error before any memory is asked for.
    try expectBad(Self.idx(8, [1, all], [0]), "expected 1×4294967295 = 4294967295 bytes of images, found 1 bytes")
    try expectBad(gzip(Self.idx(8, [1, all], [0])), "bytes, too short for that")
  }

  @Test func damagedGzip() throws {
    let packed = try gzip(Self.images)
    for length in 3..<packed.count {
      try expectBad(Array(packed.prefix(length)), "the packed stream is cut off")
    }
    var wrong = packed
    wrong[wrong.count - 8] ^= 1
    try expectBad(wrong, "found it damaged (incorrect data check)")
    wrong = packed
    wrong[wrong.count - 4] ^= 1
    try expectBad(wrong, "found it damaged (incorrect length check)")
    try expectBad(packed + [1, 2, 3], "expected the end of the gzip stream, found trailing bytes")
    // Zeros fill up a tape's last block; nothing else may stand behind them.
    for zeros in [1, 511, 300_000] {
      let padded = packed + [UInt8](repeating: 0, count: zeros)
      #expect(try Dataset.idx(images: folder.write(padded, "padded")).gathered([0, 1]) == [1, 2, 3, 4, 5, 255])
      try expectBad(padded + [1], "expected the end of the gzip stream, found trailing bytes")
      try expectBad(padded + packed, "expected the end of the gzip stream, found trailing bytes")
    }
  }

  /// Any single bit may flip: the file is refused, or the bit meant nothing (a time stamp, padding) and no pixel changes.
  @Test func noDamagedBitChangesAPixel() throws {
    let packed = try gzip(Self.images)
    var refused = 0
    for bit in 0..<8 * packed.count {
      var wrong = packed
      wrong[bit / 8] ^= 1 << UInt8(bit % 8)
      let path = try folder.write(wrong, "bad")
      do {
        #expect(try Dataset.idx(images: path).gathered([0, 1]) == [1, 2, 3, 4, 5, 255], "bit \(bit)")
      } catch {
        #expect(error.code == .badData && error.description.hasPrefix(path), "bit \(bit): \(error)")
        refused += 1
      }
    }
    // Free are six header bytes (time, extra flags, system), the text flag, and up to seven bits before the checksum.
    #expect(refused >= 8 * (packed.count - 6) - 8)
  }

  @Test func wrongFloats() throws {
    try expectBad(
      Self.idx(0x0D, [2, 1], [0, 0, 0, 0, 0x7F, 0xC0, 0, 0]), "expected finite numbers, found nan in sample 1")
  }

  @Test func labelsThatDoNotBelong() throws {
    let images = try folder.write(Self.images, "images")
    let labels = try folder.write(Self.idx(8, [3], [1, 0, 1]), "labels")
    expectFailure(.badData, "\(labels): expected 2 labels, as many as images in \(images), found 3") {
      try Dataset.idx(images: images, labels: labels)
    }
    expectFailure(.badData, "expected labels of rank 1, found rank 3; check that images and labels are not swapped") {
      try Dataset.idx(images: images, labels: images)
    }
    let floats = try folder.write(Self.idx(0x0D, [2], [0, 0, 0, 0, 0, 0, 0, 0]), "floats")
    expectFailure(.badData, "expected labels of element type 0x08, found 0x0D") {
      try Dataset.idx(images: images, labels: floats)
    }
  }

  @Test func filesThatCannotBeRead() throws {
    let missing = folder.path + "/none"
    expectFailure(.missingInput, "\(missing): open: No such file or directory") { try Dataset.idx(images: missing) }
    expectFailure(.missingInput, "\(folder.path): expected a file, found a directory") {
      try Dataset.idx(images: folder.path)
    }
    expectFailure(.missingInput, "found a device or pipe") { try Dataset.idx(images: "/dev/null") }
    expectFailure(.missingInput, "Not a directory") {
      try Dataset.idx(images: folder.write(Self.images, "images") + "/images")
    }
    let closed = try folder.write(Self.images, "closed")
    #expect(chmod(closed, 0) == 0)
    // The superuser may read everything.
    expectFailure(.missingInput, "\(closed): open: Permission denied") {
      try asNobody { try Dataset.idx(images: closed) }
    }
  }
}
