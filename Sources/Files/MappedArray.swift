import Diagnostics
import Foundation

/// The numbers of an array file, which stay on disk until they are asked for: what is read of them is the system's memory for
/// files, which it takes back when it needs it, not this process's own.
///
/// The file must not be cut short meanwhile.
public final class MappedArray<Element: ArrayElement>: @unchecked Sendable {
  /// How many numbers.
  public let count: Int
  /// Bytes of all of them.
  package var byteCount: Int { count * MemoryLayout<Element>.size }
  private let base: UnsafeMutableRawPointer?
  private let size: Int
  private let file: FileDescriptor
  /// Whether rows are copied out of the file rather than out of memory: see `gather`.
  package let isLarge: Bool

  /// Maps a file that `ArrayWriter` wrote; throws bad data (65) where it is another one. One of more bytes than `limit` is large.
  package init(_ path: String, largeFrom limit: Int = 1 << 29) throws {
    let (file, status) = try FileDescriptor.reading(path, waits: false, cure: nil)
    (self.file, size, isLarge) = (file, Int(status.st_size), Int(status.st_size) > limit)
    guard size >= ArrayHeader.size, (size - ArrayHeader.size) % MemoryLayout<Element>.size == 0 else {
      throw Failure(.badData, at: path, "expected an array file, found \(size) bytes", cure: "delete it")
    }
    count = (size - ArrayHeader.size) / MemoryLayout<Element>.size
    let mapped = mmap(nil, size, PROT_READ, MAP_SHARED, file.number, 0)
    guard let mapped, mapped != MAP_FAILED else { throw Failure.system("map", path, errno: errno, reading: true) }
    base = mapped
    let head = UnsafeRawBufferPointer(start: mapped, count: ArrayHeader.size)
    let isOwn = String(decoding: head, as: UTF8.self).contains("'descr': '\(Element.descriptor)'")
    guard isOwn else {
      throw Failure(
        .badData, at: path, "expected an array of \(Element.descriptor), found another file", cure: "delete it")
    }
  }

  deinit { if let base { munmap(base, size) } }

  /// Lends all of them.
  package func withUnsafeBufferPointer<Result, E: Error>(
    _ body: (UnsafeBufferPointer<Element>) throws(E) -> Result
  ) throws(E) -> Result {
    let numbers = (base! + ArrayHeader.size).assumingMemoryBound(to: Element.self)
    return try body(UnsafeBufferPointer(start: numbers, count: count))
  }

  /// One of them.
  package subscript(place: Int) -> Element { withUnsafeBufferPointer { $0[place] } }

  /// A copy of those in `range`, which is read, so that no pages come into this process for it.
  package func array(_ range: Range<Int>) -> [Element] {
    [Element](unsafeUninitializedCapacity: range.count) { memory, count in
      count = range.count
      if count > 0 { copy(range, into: memory.baseAddress!, reads: true) }
    }
  }

  /// Overwrites S×W numbers with the rows at `rows` (S), of W numbers each; does not allocate.
  ///
  /// Rows of a large file are read: a pass over all of it in any order would bring all its pages into this process, sixteen at a
  /// time, though each of them is soon another's.
  package func gather(_ rows: UnsafeBufferPointer<Int>, width: Int, into memory: UnsafeMutablePointer<Element>) {
    var place = 0
    while place < rows.count {
      // Rows that follow each other are copied together.
      var end = place + 1
      while end < rows.count, rows[end] == rows[end - 1] + 1 { end += 1 }
      let first = rows[place] * width
      copy(first..<first + (end - place) * width, into: memory + place * width, reads: isLarge)
      place = end
    }
  }

  private func copy(_ range: Range<Int>, into memory: UnsafeMutablePointer<Element>, reads: Bool) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) is outside of 0..<\(count)")
    let size = MemoryLayout<Element>.size
    if reads {
      let found = pread(file.number, memory, range.count * size, off_t(ArrayHeader.size + range.lowerBound * size))
      if found == range.count * size { return }
    }
    // Where the file cannot be read, or was cut short, memory says so.
    withUnsafeBufferPointer { memory.update(from: $0.baseAddress! + range.lowerBound, count: range.count) }
  }

  /// Bytes of a block of `forEachBlock`, and those behind which pages are given back.
  private static var blockBytes: Int { 1 << 18 }
  private static var keptBytes: Int { 1 << 23 }

  /// Lends the numbers in `range` from first to last, block by block, with the place of the first one of each.
  ///
  /// Pages that were read are taken out of this process again, so that a pass over a file of any size takes a few MiB. Blocks but
  /// for the last one have a number of bytes that 64 divides.
  package func forEachBlock<E: Error>(
    in range: Range<Int>? = nil, _ body: (Int, UnsafeBufferPointer<Element>) throws(E) -> Void
  ) throws(E) {
    let range = range ?? 0..<count
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) is outside of 0..<\(count)")
    let (block, kept) = (Self.blockBytes / MemoryLayout<Element>.size, Self.keptBytes / MemoryLayout<Element>.size)
    var (start, clean) = (range.lowerBound, range.lowerBound)
    while start < range.upperBound {
      let end = min(start + block, range.upperBound)
      try withUnsafeBufferPointer { (all) throws(E) in
        try body(start, UnsafeBufferPointer(rebasing: all[start..<end]))
      }
      SignsOfLife.note()
      start = end
      if start - clean >= kept || start == range.upperBound && clean > range.lowerBound {
        release(clean..<start)
        clean = start
      }
    }
  }

  /// Takes the pages of some numbers out of this process; whoever asks for them gets them again.
  private func release(_ range: Range<Int>) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let size = MemoryLayout<Element>.size
    let first = (ArrayHeader.size + range.lowerBound * size) / page * page
    let end = (ArrayHeader.size + range.upperBound * size) / page * page
    if end > first { madvise(base! + first, end - first, MADV_DONTNEED) }
  }
}

extension MappedArray: Equatable {
  /// Whether the numbers are equal, wherever they lie.
  public static func == (a: MappedArray, b: MappedArray) -> Bool {
    a === b || a.withUnsafeBufferPointer { left in b.withUnsafeBufferPointer { left.elementsEqual($0) } }
  }
}
