import Foundation

/// The targets of a package, as far as the text of its Package.swift tells.
struct PackageText {
  enum Kind: String {
    case library = "target"
    case executable = "executableTarget"
    case test = "testTarget"
    case system = "systemLibrary"
  }

  struct Target {
    let name: String
    let kind: Kind
    /// Modules of other packages are called as their products.
    let dependencies: Set<String>
    /// Its folder, below the package's.
    let path: String
  }

  let targets: [Target]

  init(_ text: String) throws {
    // A comment may hold a bracket.
    let code = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
    targets = code.matches(of: #/\.(target|executableTarget|testTarget|systemLibrary)\(/#).compactMap { match in
      guard let kind = Kind(rawValue: String(match.1)) else { return nil }
      let body = Self.enclosed(code[match.range.upperBound...], by: "(", ")")
      guard let name = Self.string("name", in: body) else { return nil }
      return Target(
        name: name, kind: kind, dependencies: Self.dependencies(in: body),
        path: Self.string("path", in: body) ?? "\(kind == .test ? "Tests" : "Sources")/\(name)")
    }
  }

  subscript(name: String) -> Target? { targets.first { $0.name == name } }

  /// The text up to the bracket that closes the one before it.
  private static func enclosed(_ text: Substring, by open: Character, _ close: Character) -> Substring {
    var depth = 1
    return text.prefix { character in
      if character == open { depth += 1 }
      if character == close { depth -= 1 }
      return depth > 0
    }
  }

  private static func string(_ label: String, in body: Substring) -> String? {
    guard let range = body.range(of: "\(label): \"") else { return nil }
    return String(body[range.upperBound...].prefix { $0 != "\"" })
  }

  private static func dependencies(in body: Substring) -> Set<String> {
    guard let range = body.range(of: "dependencies: [") else { return [] }
    let list = enclosed(body[range.upperBound...], by: "[", "]")
    // Of `.product(name: "A", package: "b")` and `.byName(name: "A", condition: …)` the name alone is a module.
    let names = list.replacing(#/, (package: "[^"]*"|condition: [^)]*\))/#, with: "").matches(of: #/"([^"]*)"/#)
    return Set(names.map { String($0.1) })
  }
}

/// The modules that the Swift files of a folder import.
func imports(in folder: URL) throws -> Set<String> {
  var found: Set<String> = []
  let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
  while let file = files?.nextObject() as? URL {
    guard file.pathExtension == "swift" else { continue }
    found.formUnion(imports(in: try String(contentsOf: file, encoding: .utf8)))
  }
  return found
}

/// The modules that a text imports, also by parts (`import struct Foundation.URL`) and with attributes.
func imports(in text: String) -> Set<String> {
  let line = #/^\s*(?:@\w+\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/#
  return Set(text.split(separator: "\n").compactMap { $0.prefixMatch(of: line).map { String($0.1) } })
}
