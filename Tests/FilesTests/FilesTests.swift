import Diagnostics
import Foundation
import Host
import TestSupport
import Testing

@testable import Files

/// What every reader of files shares: what is opened, what is refused, and the words for it.
@Suite struct FilesTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func aFileIsReadInPartsAndInOrder() throws {
    try Data(0..<200).write(to: URL(fileURLWithPath: folder["a"]))
    let file = try RegularFile(folder["a"])
    #expect(try file.size == 200 && file.bytes(190..<200) == Array(190..<200))
    #expect(file.prefix(2) == [0, 1] && file.prefix(512).count == 200)
    #expect(message { _ = try file.bytes(150..<250) }.hasSuffix("expected 200 bytes, but the file ends after 200"))
    #expect(try ByteReader(folder["a"]).contents(memory: 1, fewer: "rows") == Array(0..<200))
  }

  /// None of them waits: neither for a writer, nor for the end of a device.
  @Test(.timeLimit(.minutes(1))) func whatIsNoRegularFileIsRefused() throws {
    #expect(mkfifo(folder["pipe"], 0o600) == 0)
    #expect(message { _ = try RegularFile(folder["pipe"]) } == "\(folder["pipe"]): expected a file")
    let found = message { _ = try RegularFile(folder["pipe"], cure: "check the path") }
    #expect(found == "\(folder["pipe"]): expected a file, found a device or pipe; name the file itself")
    #expect(message { _ = try ByteReader("/dev/zero") }.hasSuffix("found a device or pipe; name the file itself"))
    #expect(message { _ = try ByteReader(folder.path) }.hasSuffix("found a directory; name the file itself"))
    let missing = message { _ = try RegularFile(folder["b"], cure: "c") }
    #expect(missing == "\(folder["b"]): open: No such file or directory; c")
  }

  @Test func directoriesAreMade() throws {
    try makeDirectories(folder["a/b/c"], cure: "x")
    try makeDirectories(folder["a/b/c/"], cure: "x")
    #expect(isDirectory(folder["a/b/c"]))
    try folder.write("file", "text")
    for path in ["file", "file/b"] {
      #expect(
        message { try makeDirectories(folder[path], cure: "x") }
          == "\(folder["file"]): expected a folder, found a file; x")
    }
    #expect(message { try makeDirectories("/proc/none/a", cure: "x") }.hasPrefix("/proc/none: mkdir: "))
    #expect(FilePaths.words(["csv", "csv.gz", "npy", "h5"]) == ".csv, .npy or .h5")
    #expect(FilePaths.words(["npy"]) == ".npy")
  }

  /// What a process left that is gone goes with the next one's file; what may be in use, or is something else, stays.
  @Test func partialFilesOfTheDead() throws {
    let dead = try endedProcess()
    func name(_ file: String, host: String = ownHostName(), _ process: pid_t) -> String {
      PartialFile.path(of: file, host: host, process: process)
    }
    let abandoned = name("a", dead)
    let kept = [
      name("a", getppid()), name("a", host: "another", dead), name("b", dead), name("a", dead) + "x",
      "a.partial-\(dead)",
    ]
    for file in kept + [abandoned] { try folder.write(file, "text") }
    let file = try OutputFile(folder["a"])
    #expect(!folder.exists(abandoned))
    #expect(folder.names() == (kept + [name("a", getpid())]).sorted())
    try file.finish()
    #expect(folder.names() == (kept + ["a"]).sorted())
  }

  /// The number of a process that is no more.
  private func endedProcess() throws -> pid_t {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sh")
    child.arguments = ["-c", ":"]
    try child.run()
    child.waitUntilExit()
    return child.processIdentifier
  }

  @Test func partialFilesThatAreLinksOrLocked() throws {
    let abandoned = PartialFile.path(of: folder["a"], process: try endedProcess())
    try folder.write("precious", "text")
    try FileManager.default.createSymbolicLink(atPath: abandoned, withDestinationPath: folder["precious"])
    PartialFile.removeAbandoned(of: folder["a"])
    #expect(try folder.text("precious") == "text" && folder.names().count == 2, "a link")
    unlink(abandoned)
    let descriptor = open(abandoned, O_WRONLY | O_CREAT, 0o600)
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    PartialFile.removeAbandoned(of: folder["a"])
    #expect(folder.names().count == 2, "locked, as by a process of a container")
    close(descriptor)
    PartialFile.removeAbandoned(of: folder["a"])
    #expect(folder.names() == ["precious"])
  }

  /// Two of one host name and one number, as in two containers: each has a file of its own.
  @Test func partialFilesOfOneName() throws {
    let (first, second) = (try OutputFile(folder["a"]), try OutputFile(folder["a"]))
    let name = PartialFile.path(of: "a")
    #expect(folder.names() == [name, name + ".1"])
    try first.write("first")
    try second.write("second")
    try first.finish()
    #expect(try folder.text("a") == "first")
    try second.finish()
    #expect(try folder.text("a") == "second")
    #expect(folder.names() == ["a"])
  }

  @Test func textIsShortAndUTF8() throws {
    try Data("é: 1\n".utf8).write(to: URL(fileURLWithPath: folder["a"]))
    try Data([0x61, 0xff]).write(to: URL(fileURLWithPath: folder["b"]))
    #expect(try textFile(folder["a"], limit: 6) == "é: 1\n")
    #expect(message { _ = try textFile(folder["a"], limit: 5) }.hasSuffix("expected at most 5 bytes, found more"))
    #expect(message { _ = try textFile(folder["b"], limit: 5) }.hasSuffix("expected UTF-8 text, found other bytes"))
    #expect(message { _ = try textFile("/dev/zero", limit: 5) }.hasSuffix("expected at most 5 bytes, found more"))
    #expect(message { _ = try textFile(folder.path, limit: 5) }.hasSuffix("found a directory; name the file itself"))
  }
}

/// Files by path, pattern and folder.
@Suite struct FilePathsTests {
  @Test func aFileIsFoundOnce() throws {
    let folder = try Folder()
    for name in ["a.csv", "B.CSV", "c.txt", "_d.csv"] { try folder.write(name, "x\n") }
    try FileManager.default.createSymbolicLink(atPath: folder["z.csv"], withDestinationPath: folder["a.csv"])
    func found(_ names: String...) throws -> [String] {
      try FilePaths.found(names.map { folder[$0] }, endings: ["csv"]).map {
        String($0.path.dropFirst(folder.path.count + 1))
      }
    }
    #expect(try found("a.csv", "./a.csv", "z.csv") == ["./a.csv"])
    #expect(try found("") == ["B.CSV", "a.csv"])
    #expect(try found("[a-c].*") == ["a.csv", "c.txt"])
  }
}
