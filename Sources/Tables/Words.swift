import CTables
import Diagnostics

/// Distinct texts, numbered from 0 in the order in which they came.
package final class Words: @unchecked Sendable {
  private let words: OpaquePointer

  /// No column may have more of them: they are kept in memory.
  package static let most = 1 << 24

  package init() {
    guard let words = ct_words_make() else { OutOfMemory.end(wanting: 1 << 10) }
    self.words = words
  }

  /// These, in their order; all of them are distinct.
  package convenience init(_ texts: [String]) {
    self.init()
    for text in texts { _ = code(of: text, adds: true) }
    precondition(count == texts.count, "\(texts.count - count) of \(texts.count) words stand twice")
  }

  deinit { ct_words_free(words) }

  package var count: Int { ct_words_count(words) }

  /// What they take, and their texts beside them.
  package var byteCount: Int { ct_words_size(words) + 16 * count }

  /// The text of a code.
  package subscript(code: Int) -> String {
    var length = 0
    let bytes = ct_words_bytes(words, code, &length)
    return String(decoding: UnsafeBufferPointer(start: bytes, count: length), as: UTF8.self)
  }

  /// All of them, in the order of their codes.
  package var all: [String] { (0..<count).map { self[$0] } }

  /// The code of a text; nil where it is none of them, and is not to be added.
  package func code(of text: String, adds: Bool = false) -> Int32? {
    let bytes = Array(text.utf8)
    let code = ct_words_code(words, bytes, bytes.count, adds)
    return code < 0 ? nil : code
  }

  /// The codes of texts, -1 for unknown ones where none are added; rows that are missing keep -1.
  ///
  /// Nil where there would be more than `most` of them.
  package func codes(of cells: TextCells, isMissing: [Bool], adds: Bool) -> [Int32]? {
    var isDone = false
    let codes = [Int32](unsafeUninitializedCapacity: cells.count) { codes, count in
      codes.initialize(repeating: -1)
      count = cells.count
      cells.bytes.withUnsafeBufferPointer { bytes in
        cells.bounds.withUnsafeBufferPointer { bounds in
          isMissing.withUnsafeBufferPointer { skips in
            isDone = ct_words_codes(
              words, bytes.baseAddress, bounds.baseAddress, cells.first, cells.stride, cells.count,
              skips.isEmpty ? nil : skips.baseAddress, adds, Self.most, codes.baseAddress)
          }
        }
      }
    }
    return isDone ? codes : nil
  }
}
