import Foundation

/// Files of an archive that follow each other and have the same name up to the first point behind the last slash: what webdataset takes
/// for a sample.
///
/// ```
/// 000017.jpg  000017.cls  000018.jpg  000018.cls  …
/// ```
package struct TarSample: Sendable {
  /// The common name: `000017`.
  package let key: String
  /// What stands behind the point, and where the file lies; in their order.
  package let files: [(ending: String, range: Range<Int>)]

  /// The bytes of a JSON object's field, or of a text without the white space around it; nil where a file has another ending.
  ///
  /// - Parameter column: `cls`, `txt`, or `json.label`: a field of what ends so.
  package func text(of column: String, in archive: TarArchive) -> String? {
    let field = column.hasPrefix("json.") ? String(column.dropFirst(5)) : nil
    let ending = field == nil ? column.lowercased() : "json"
    guard let file = files.first(where: { $0.ending.lowercased() == ending }) else { return nil }
    let bytes = archive.file.bytes[file.range]
    guard let field else {
      return String(validating: bytes, as: UTF8.self)?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return (try? JSONDecoder().decode([String: JSONField].self, from: Data(bytes)))?[field]?.text
  }
}

/// What a field of a JSON object holds, as text: a text, a number, a truth; nil: something else.
private struct JSONField: Decodable {
  let text: String?

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let text = try? value.decode(String.self) {
      self.text = text
    } else if let truth = try? value.decode(Bool.self) {
      text = "\(truth)"
    } else if let number = try? value.decode(Int64.self) {
      text = "\(number)"
    } else {
      text = (try? value.decode(Double.self)).map { "\($0)" }
    }
  }
}

extension TarArchive {
  /// The sample that begins with the file at `next`, which becomes the place behind it; nil at the end.
  package func sample(at next: inout Int) -> TarSample? {
    guard next < members.count else { return nil }
    let (key, _) = Self.parts(of: members[next].name)
    var files: [(ending: String, range: Range<Int>)] = []
    while next < members.count {
      let (own, ending) = Self.parts(of: members[next].name)
      guard own == key else { break }
      files.append((ending, members[next].range))
      next += 1
    }
    return TarSample(key: key, files: files)
  }

  /// The name up to the first point behind the last slash, and what stands behind that.
  private static func parts(of name: String) -> (key: String, ending: String) {
    let start = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    guard let point = name[start...].firstIndex(of: ".") else { return (name, "") }
    return (String(name[..<point]), String(name[name.index(after: point)...]))
  }
}
