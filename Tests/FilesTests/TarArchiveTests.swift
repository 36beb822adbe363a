import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

/// What is cut short is told, wherever it is cut: half of the samples would be gone without a word.
@Suite struct TarArchiveTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func names(_ bytes: [UInt8]) throws -> [String] {
    try Data(bytes).write(to: URL(fileURLWithPath: folder["a.tar"]))
    return try TarArchive(folder["a.tar"]).members.map(\.name)
  }

  private func failure(_ bytes: [UInt8]) -> Failure? {
    do { _ = try names(bytes) } catch { return error as? Failure }
    return nil
  }

  /// Two files of a header and a block each, and two blocks at the end.
  private let whole = tarArchive([("a.txt", [1, 2, 3]), ("b.txt", Array(repeating: 7, count: 512))])

  /// A hard link has the bytes of the file before it; of one that is not there is told.
  @Test func hardLinks() throws {
    func linked(_ target: String) -> [UInt8] {
      var bytes = tarArchive([("a.txt", Array("hello".utf8)), ("b.txt", [])])
      // The kind and the target of the second header, and its sum.
      bytes[1024 + 156] = UInt8(ascii: "1")
      for (place, byte) in target.utf8.enumerated() { bytes[1024 + 157 + place] = byte }
      for place in 148..<156 { bytes[1024 + place] = 32 }
      let sum = String(bytes[1024..<1536].reduce(0) { $0 + Int($1) }, radix: 8)
      for (place, byte) in (sum + "\0").utf8.enumerated() { bytes[1024 + 148 + place] = byte }
      return bytes
    }
    let bytes = linked("a.txt")
    let members = try bytes.withUnsafeBytes { try TarArchive.members($0, "a.tar") }
    #expect(members.map(\.name) == ["a.txt", "b.txt"] && members[1].isLink && members[1].range == members[0].range)
    #expect(
      failure(linked("c.txt"))?.description.contains("expected 'c.txt' before 'b.txt', which is a hard link to it")
        == true)
  }

  @Test func filesAreFound() throws {
    #expect(whole.count == 6 * 512)
    #expect(try names(whole) == ["a.txt", "b.txt"])
    // One block of zeros is an end, and so are many.
    #expect(try names(whole.dropLast(512)) == ["a.txt", "b.txt"])
    #expect(try names(whole + [UInt8](repeating: 0, count: 10_240)) == ["a.txt", "b.txt"])
  }

  @Test(arguments: [
    (2 * 512, "found nothing"), (2 * 512 + 300, "found 300 bytes of a header"), (4 * 512, "found nothing"),
  ])
  func cutsAreTold(bytes: Int, found: String) {
    let fault = failure(Array(whole.prefix(bytes)))
    #expect(
      fault?.code == .badData && fault?.description.contains("\(found): it is cut short") == true, "\(fault as Any)")
  }

  @Test func moreBehindTheEndIsTold() {
    let fault = failure(whole + whole)
    #expect(
      fault?.description.contains("expected zeros alone behind its end at byte 2,048, found others at byte 3,072")
        == true)
    var hole = whole
    hole.replaceSubrange(1024..<1536, with: [UInt8](repeating: 0, count: 512))
    #expect(failure(hole)?.description.contains("behind its end at byte 1,024") == true)
  }
}

/// Which paths of several that lead to one file count.
@Suite struct LinkedPathsTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    for name in ["x", "y"] {
      try FileManager.default.createDirectory(atPath: folder[name], withIntermediateDirectories: true)
    }
    try folder.write("x/a.txt", "one")
    try FileManager.default.linkItem(atPath: folder["x/a.txt"], toPath: folder["y/b.txt"])
    try FileManager.default.createSymbolicLink(atPath: folder["y/c.txt"], withDestinationPath: folder["x/a.txt"])
  }

  private func found(_ names: [String], linksAreOne: Bool) throws -> [String] {
    try FilePaths.found(names.map { folder[$0] }, endings: ["txt"], linksAreOne: linksAreOne).map {
      String($0.path.dropFirst(folder.path.count + 1))
    }
  }

  @Test func rowsAreReadOnceAndSamplesAsOftenAsTheyAreNamed() throws {
    #expect(try found(["x", "y"], linksAreOne: true) == ["x/a.txt"])
    #expect(try found(["x", "y"], linksAreOne: false) == ["x/a.txt"])
    #expect(try found([""], linksAreOne: true) == ["x/a.txt"])
    #expect(try found([""], linksAreOne: false) == ["x/a.txt", "y/b.txt", "y/c.txt"])
    #expect(try found(["y", "y/b.txt"], linksAreOne: false) == ["y/b.txt", "y/c.txt"])
  }
}
