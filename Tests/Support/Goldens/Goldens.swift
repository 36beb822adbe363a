import Foundation

/// The golden files of `Tests/Goldens`, which the script beside them writes.
///
/// They are found by the place of this source file, so that tests run from any directory.
public func golden<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
  try JSONDecoder().decode(type, from: try Data(contentsOf: URL(fileURLWithPath: goldenPath(name))))
}

/// The path of a file, or a folder, of `Tests/Goldens`.
public func goldenPath(_ name: String) -> String {
  let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return tests.appendingPathComponent("Goldens").appendingPathComponent(name).path
}

/// The largest distance of two lists, each difference divided by the larger of 1 and the expected magnitude.
///
/// Infinite where the lists' lengths differ, or where one holds a NaN: neither passes for near.
public func distance(_ found: [Float], _ expected: [Double]) -> Double {
  guard found.count == expected.count else { return .infinity }
  return zip(found, expected).reduce(0) { worst, pair in
    let difference = abs(Double(pair.0) - pair.1) / max(1, abs(pair.1))
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}
