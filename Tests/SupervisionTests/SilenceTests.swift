import Foundation
import TestSupport
import Testing

@testable import Supervision

@Suite struct SilenceTests {
  @Test func comesWhenNothingChanges() throws {
    let folder = try Folder()
    let start = Date()
    var silence = Silence(of: folder.path, limit: 30)
    #expect((0...29).allSatisfy { !silence.isOver(at: start + Double($0)) })
    #expect(!silence.isOver(at: start + 29.5), "it looks once a second")
    #expect(silence.isOver(at: start + 30))
    #expect((31...59).allSatisfy { !silence.isOver(at: start + Double($0)) })
    #expect(silence.isOver(at: start + 60), "and again after as long")

    try folder.write("metrics.jsonl", "{}\n")
    #expect(!silence.isOver(at: start + 89), "a file has changed")
    #expect((90...118).allSatisfy { !silence.isOver(at: start + Double($0)) })
    #expect(silence.isOver(at: start + 119))
  }

  @Test func aDirectoryThatIsNotThereIsSilentToo() throws {
    let start = Date()
    var silence = Silence(of: "/nowhere/run", limit: 2)
    #expect(!silence.isOver(at: start) && !silence.isOver(at: start + 1) && silence.isOver(at: start + 2))
  }
}
