import Diagnostics
import Foundation
import Testing

@testable import Supervision

@Suite struct HostWatchTests {
  /// Asks node1 and node2 by commands in whose place ssh would be: those of the first question, of the second, …
  private final class Questions {
    var commands: [[String]]
    var count = 0

    init(_ commands: [[String]]) { self.commands = commands }

    func ask() -> HostInquiry? {
      defer { count += 1 }
      let command = commands[min(count, commands.count - 1)]
      guard !command.isEmpty else { return nil }
      return try? HostInquiry(
        [("node1", ChildProcess(["true"])), ("node2", ChildProcess(command))], limit: 0.5)
    }
  }

  private static let fails = ["sh", "-c", "echo no route >&2; exit 255"]

  /// The host that is lost within two seconds in which nothing changes, and how often hosts were asked.
  private func lost(_ commands: [[String]], changing: Bool = false) -> (host: String?, questions: Int) {
    let questions = Questions(commands)
    var watch = HostWatch(.init(first: 0.05, later: 0.05, again: 0.05), ask: questions.ask)
    let end = Deadline(seconds: 2)
    var round = 0
    while !end.isOver {
      if let host = watch.lost([changing ? round : 0]) { return (host, questions.count) }
      round += 1
      usleep(5_000)
    }
    return (nil, questions.count)
  }

  @Test func whoDoesNotAnswerTwiceIsLost() {
    let found = lost([Self.fails])
    #expect(found.host == "node2" && found.questions == 2)
  }

  @Test func whoSaysNothingIsLostToo() {
    #expect(lost([["sleep", "100"]]).host == "node2")
  }

  @Test func whoWasBusyOnceIsNotLost() {
    let found = lost([Self.fails, ["true"]])
    #expect(found.host == nil && found.questions > 2)
  }

  @Test func aQuestionThatCannotBeAskedTellsNothing() {
    let found = lost([[]])
    #expect(found.host == nil && found.questions > 2)
  }

  @Test func nobodyIsAskedWhileSomethingMoves() {
    #expect(lost([Self.fails], changing: true).questions == 0)
  }

  @Test func theReasonIsTheLastLine() throws {
    let inquiry = HostInquiry([("node2", try ChildProcess(Self.fails))], limit: 10)
    let end = Deadline(seconds: 10)
    var answer = inquiry.answer()
    while answer == nil, !end.isOver {
      usleep(5_000)
      answer = inquiry.answer()
    }
    #expect(answer == [SilentHost(host: "node2", reason: "no route")])
  }
}
