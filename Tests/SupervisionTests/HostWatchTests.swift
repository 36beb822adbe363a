import Diagnostics
import Foundation
import Testing

@testable import Supervision

@Suite struct HostWatchTests {
  private static let fails = ["sh", "-c", "echo no route >&2; exit 255"]

  /// What comes of asking node1, which answers, and node2, by commands in whose place ssh would be: those of the first
  /// question, of the second, …, until a host is lost or there are no more commands. Something moves after questions `moving`.
  private func lost(_ commands: [[String]], movingAfter moving: Int? = nil) -> (hosts: [String], questions: Int) {
    var watch = HostWatch(.init(first: 0.02, later: 0.02, again: 0.02))
    var (questions, changes) = (0, 0)
    let end = Deadline(seconds: 120)
    while !end.isOver {
      let hosts = watch.lost([changes]) {
        guard questions < commands.count, !commands[questions].isEmpty else {
          questions += 1
          return nil
        }
        defer { questions += 1 }
        let inquiry = HostInquiry(limit: commands[questions] == ["sleep", "100"] ? 1 : 60)
        try? inquiry.ask("node1", by: ["true"])
        try? inquiry.ask("node2", by: commands[questions])
        return inquiry
      }
      if !hosts.isEmpty || questions > commands.count { return (hosts, questions) }
      if questions == moving {
        // The answer is waited for: what moves then acquits whoever did not answer.
        usleep(200_000)
        changes = 1
      }
      usleep(2_000)
    }
    return ([], questions)
  }

  @Test func whoDoesNotAnswerTwiceIsLost() {
    let found = lost([Self.fails, Self.fails])
    #expect(found.hosts == ["node2"] && found.questions == 2)
  }

  @Test func whoSaysNothingIsLostToo() {
    #expect(lost([["sleep", "100"], ["sleep", "100"]]).hosts.contains("node2"))
  }

  @Test func whoWasBusyOnceIsNotLost() {
    #expect(lost([Self.fails, ["true"], Self.fails, ["true"]]).hosts == [])
  }

  @Test func whateverMovesAcquits() {
    #expect(lost([Self.fails, ["true"]], movingAfter: 1).hosts == [])
    #expect(lost([Self.fails, Self.fails], movingAfter: 1).hosts == [])
  }

  @Test func aQuestionThatCannotBeAskedTellsNothing() {
    #expect(lost([[], [], []]).hosts == [])
  }

  @Test func nobodyIsAskedWhileSomethingMoves() {
    var watch = HostWatch(.init(first: 0.2, later: 0.2, again: 0.2))
    for change in 0..<300 {
      let hosts = watch.lost([change]) {
        Issue.record("asked")
        return nil
      }
      #expect(hosts == [])
      usleep(2_000)
    }
  }

  @Test func theReasonIsTheLastLine() throws {
    let inquiry = HostInquiry(limit: 60)
    try inquiry.ask("node2", by: Self.fails)
    let end = Deadline(seconds: 60)
    var answer = inquiry.answer()
    while answer == nil, !end.isOver {
      usleep(5_000)
      answer = inquiry.answer()
    }
    #expect(answer == [SilentHost(host: "node2", reason: "no route")])
  }
}
