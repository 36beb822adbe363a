import Communication
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// `observers: [tensorboard]`: the event file of a run. `scripts/check-tensorboard` has the real TensorBoard read one.
@Suite struct TensorBoardTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private let settings = [
    "data.two-class.train=256", "batch=64", "epochs=3", "metrics=[accuracy]", "observers=[{tensorboard: {every: 2}}]",
  ]
  private let file = "run/\(TensorBoard.fileName)"

  private func bytes() throws -> [UInt8] {
    [UInt8](try #require(FileManager.default.contents(atPath: folder[file])))
  }

  /// `loss 2 0.5`
  private func scalars() throws -> [String] {
    EventFile.events(in: try bytes()).flatMap { event in
      event.summary.value.map { "\($0.tag) \(event.step) \($0.simpleValue)" }
    }
    .filter { !$0.hasPrefix("samples-per-second") }
  }

  /// Checksums of RFC 3720, and the mask of TensorFlow's own test of them.
  @Test func checksums() {
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.checksum(0..<32) == 0x46dd_794e)
    #expect(CRC32C.checksum("123456789".utf8) == 0xe306_9283)
  }

  @Test func aRunHasItsScalars() throws {
    try train("two-class", settings, in: folder["run"], ranks: 2)
    let found = try scalars()
    let steps = found.filter { $0.hasPrefix("loss ") }.map { $0.split(separator: " ")[1] }
    #expect(steps == ["2", "4", "6", "8", "10", "12"])
    #expect(found.count { $0.hasPrefix("test-accuracy ") } == 3)
    #expect(EventFile.events(in: try bytes()).first?.fileVersion == "brain.Event:2")
  }

  /// A disk that is full during the run ends the file, and leaves the run alone.
  @Test func aDiskThatIsFull() throws {
    let expected = try train("two-class", settings, in: folder["whole"])
    final class Filling: RunObserver {
      let path: String
      init(_ path: String) { self.path = path }
      func observe(_ event: RunEvent) {
        guard case .step(let report) = event, report.step.number == 4 else { return }
        let own = "/proc/self/fd"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: own)) ?? [] {
          guard (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(own)/\(name)")) == path else { continue }
          let full = open("/dev/full", O_WRONLY)
          dup2(full, Int32(name)!)
          close(full)
        }
      }
    }
    let real = URL(fileURLWithPath: folder["."]).resolvingSymlinksInPath().path
    let run = try TrainingRun(
      recipe: "two-class", overrides: settings, output: folder["run"], verbosity: .silent,
      observers: [Filling("\(real)/\(file)")], world: LocalWorld.single(), environment: [:])
    #expect(try run.train() == 0 && "\(run.digest)" == expected)
    let steps = try scalars().filter { $0.hasPrefix("loss ") }.map { $0.split(separator: " ")[1] }
    #expect(steps == ["2", "4"])
  }

  /// Records behind the step that is resumed from go, a half one and a damaged one too, and come again.
  @Test func resumedRunsHaveWhatWholeOnesHave() throws {
    try train("two-class", settings, in: folder["run"])
    let (whole, all) = (try scalars(), try bytes())
    for name in folder.names("run") where name.hasPrefix("step-") && name > "step-00000004" {
      try folder.remove("run/\(name)")
    }
    var damaged = all
    damaged[all.count - 3] ^= 1
    for content in [all, Array(all.dropLast(5)), damaged, all + [1, 2, 3], []] {
      try Data(content).write(to: URL(fileURLWithPath: folder[file]))
      for name in folder.names("run") where name.hasPrefix("step-") && name > "step-00000004" {
        try folder.remove("run/\(name)")
      }
      try train("two-class", settings, in: folder["run"], ranks: 2, start: .resume)
      #expect(try scalars() == (content.isEmpty ? whole.filter { Int($0.split(separator: " ")[1])! > 4 } : whole))
    }
  }
}
