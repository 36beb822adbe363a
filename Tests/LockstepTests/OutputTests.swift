import Files
import Foundation
import Host
import TestSupport
import Testing

@testable import Lockstep

/// What a run writes beside its checkpoints.
@Suite struct OutputTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  @Test func theLogDropsWhatCameAfterACheckpoint() throws {
    let text = (1...5).map { "{\"step\": \($0), \"loss\": 0.5}\n" }.joined()
    // A crash may leave a line torn, and zeros where a file system had not yet written.
    try folder.write("metrics.jsonl", text + "{\"step\": 1, \"lo")
    _ = try MetricsLog(directory: folder.path, keepingThrough: 3)
    #expect(try folder.text("metrics.jsonl") == text.prefix(while: { $0 != "4" }).dropLast(9))
    #expect(folder.names() == ["metrics.jsonl"])
  }

  /// A disk may spoil a line; the others are the run's history all the same.
  @Test func aLineThatIsNoTextIsDropped() throws {
    let lines = (1...3).map { Array("{\"step\": \($0), \"loss\": 0.5}\n".utf8) }
    try folder.write("metrics.jsonl", lines[0] + [0xff, 0x80, 0x0d, 0x0a] + lines[1] + lines[2])
    _ = try MetricsLog(directory: folder.path, keepingThrough: 2)
    #expect(try Array(folder.text("metrics.jsonl").utf8) == lines[0] + lines[1])
  }

  /// What cannot be read is not overwritten.
  @Test func aLogThatCannotBeReadIsKept() throws {
    try asNobody {
      let folder = try Folder()
      let path = try folder.write("metrics.jsonl", "{\"step\": 1}\n")
      #expect(chmod(path, 0o200) == 0)
      expectFailure(.inputOutput, "\(path): read: Permission denied") {
        _ = try MetricsLog(directory: folder.path, keepingThrough: 9)
      }
      #expect(chmod(path, 0o600) == 0)
      #expect(try folder.text("metrics.jsonl") == "{\"step\": 1}\n")
    }
  }

  @Test func theLogIsJSON() throws {
    let log = try MetricsLog(directory: folder.path, keepingThrough: 0)
    try log.append([("step", .int(1)), ("loss", .number(0.1))])
    try log.append([("step", .int(2)), ("loss", .number(.nan)), ("rate", .number(1e-12))])
    let entries = try lines(folder.text("metrics.jsonl")).map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(entries.count == 2)
    #expect(entries[0]["loss"] as? Double == 0.1)
    #expect(entries[1]["loss"] is NSNull)
    #expect(entries[1]["rate"] as? Double == 1e-12)
  }

  /// The steps and epochs of all lines count what is done: the last line of training and the evaluation after it agree.
  @Test func theLogCountsEpochsFromOne() throws {
    try train("two-class", ["epochs=2", "data.two-class.train=128"], in: folder["run"], ranks: 2)
    let epochs = try entries("run").map { [$0["step"] as? Int, $0["epoch"] as? Int] }
    #expect(epochs == [[2, 1], [4, 2], [4, 2]])
  }

  /// The last line of an epoch has the mean loss of its steps, whether there was an evaluation or not, and a resume.
  @Test func theLogHasTheLossOfAnEpoch() throws {
    let settings = ["epochs=3", "data.two-class.train=100", "log-every=1", "evaluate-every=2", "checkpoint-every=1"]
    try train("two-class", settings, in: folder["run"])
    let all = try entries("run")
    let ends = all.filter { $0["training-loss"] != nil }
    #expect(ends.map { $0["step"] as? Int } == [2, 4, 6])
    #expect(ends.map { $0["test-loss"] != nil } == [false, true, true])
    let losses = all.filter { $0["epoch"] as? Int == 2 }.compactMap { $0["loss"] as? Double }
    try #require(losses.count == 2)
    // 64 samples, then 36.
    let mean = (64 * losses[0] + 36 * losses[1]) / 100
    #expect(abs(try #require(ends[1]["training-loss"] as? Double) - mean) < 1e-12)
  }

  private func entries(_ run: String) throws -> [[String: Any]] {
    try lines(folder.text("\(run)/metrics.jsonl")).map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  /// Whoever names the folder of a configuration of their own as the output keeps it.
  @Test(arguments: [1, 2])
  func aConfigurationOfSomebodyElseIsKept(ranks: Int) throws {
    let text = "# Mine.\ndata: two-class\nmodel: [{dense: 2}]\nepochs: 1\n"
    let file = try folder.write("config.yaml", text)
    expectFailure(.usage, "config.yaml: expected none, or that of a run, found another one, which would be over") {
      try train(file, in: folder.path, ranks: ranks)
    }
    #expect(try folder.text("config.yaml") == text)
    #expect(folder.names() == ["config.yaml"])
  }

  /// A run that ended before its first checkpoint may be started again.
  @Test func theConfigurationOfARunIsReplaced() throws {
    try train("two-class", ["epochs=1"], in: folder["run"])
    for name in folder.names("run") where name.hasPrefix("step-") { try folder.remove("run/\(name)") }
    try train("two-class", ["epochs=2"], in: folder["run"])
    #expect(try folder.text("run/config.yaml").contains("\nepochs: 2\n"))
    #expect(try RunConfiguration(recipeOrFile: folder["run/config.yaml"]).epochs == 2)
  }

  @Test func aDirectoryInTheWayIsNamedAndNothingIsLeft() throws {
    try FileManager.default.createDirectory(atPath: folder["metrics.jsonl"], withIntermediateDirectories: true)
    expectFailure(.inputOutput, "metrics.jsonl: expected a file of the run, found a directory") {
      _ = try MetricsLog(directory: folder.path, keepingThrough: 0)
    }
    #expect(folder.names() == ["metrics.jsonl"])
  }

  @Test func textReplacesAFileAtOnce() throws {
    try folder.write("a", "old")
    try "new".write(toRunFile: folder["a"])
    #expect(try folder.text("a") == "new")
    #expect(folder.names() == ["a"])
    expectFailure(.inputOutput, "nowhere/a: open: No such file or directory") {
      try "new".write(toRunFile: folder["nowhere/a"])
    }
  }

  /// A link leads to the file that is meant; it does not become one itself.
  @Test func aLinkStaysALink() throws {
    try folder.write("target", "old")
    try FileManager.default.createSymbolicLink(atPath: folder["link"], withDestinationPath: folder["target"])
    try "new".write(toRunFile: folder["link"])
    #expect(try folder.text("target") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder["link"]) == folder["target"])
    #expect(folder.names() == ["link", "target"])
  }

  /// What cannot be replaced, a pipe here, is written into.
  @Test func aPipeStaysAPipe() throws {
    #expect(mkfifo(folder["pipe"], 0o600) == 0)
    let reader = open(folder["pipe"], O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try "text".write(toRunFile: folder["pipe"])
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &bytes, 16) == 4)
    #expect(String(decoding: bytes.prefix(4), as: UTF8.self) == "text")
    #expect(folder.names() == ["pipe"])
  }

  /// A run directory that somebody else made cannot lead a run to write elsewhere.
  @Test(arguments: ["metrics.jsonl", "config.yaml"])
  func linksInARunDirectoryAreRefused(name: String) throws {
    try folder.write("target", "precious")
    try FileManager.default.createSymbolicLink(atPath: folder[name], withDestinationPath: folder["target"])
    expectFailure(.inputOutput, "\(folder[name]): expected a file of the run, found a link; move it") {
      if name == "metrics.jsonl" {
        _ = try MetricsLog(directory: folder.path, keepingThrough: 0)
      } else {
        try configuration(BadConfigurationTests.good).write(toRunDirectory: folder.path)
      }
    }
    #expect(try folder.text("target") == "precious")
  }

  @Test func aLinkInPlaceOfTheTemporaryFileIsNotFollowed() throws {
    try folder.write("target", "precious")
    let temporary = "a.partial-\(ownHostName())-\(getpid())"
    try FileManager.default.createSymbolicLink(atPath: folder[temporary], withDestinationPath: folder["target"])
    try "new".write(toRunFile: folder["a"])
    #expect(try folder.text("target") == "precious")
    #expect(try folder.text("a") == "new")
    #expect(folder.names() == ["a", "target"])
  }
}
