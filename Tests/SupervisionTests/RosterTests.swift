import Testing

@testable import Supervision

@Suite struct RosterTests {
  private func hostfile(_ names: String, slots: Int = 2) -> Hostfile {
    Hostfile(names.split(separator: " ").map { .init(String($0), slots: slots) })
  }

  private func names(_ placement: Roster.Placement) -> String { placement.hosts.map(\.name).joined(separator: " ") }

  @Test func ranksAreAsManyAsAskedForOrAsSlots() {
    let roster = Roster(hostfile("a b c"))
    let all: Set = ["a", "b", "c"]
    for (wanted, ranks) in [(1, 1), (5, 5), (6, 6), (7, 6)] {
      #expect(roster.placement(wanted: wanted, least: 1, answering: all).ranks == ranks)
    }
    let two = roster.placement(wanted: 6, least: 1, answering: ["c", "a", "stranger"])
    #expect(names(two) == "a c" && two.ranks == 4 && two.leftOut == [])
    #expect(roster.placement(wanted: 6, least: 1, answering: []).ranks == 0)
  }

  @Test func aHostThatFailsAgainAndAgainIsLeftOut() {
    var roster = Roster(hostfile("a b c"))
    let all: Set = ["a", "b", "c"]
    for failures in 1...5 {
      roster.blame("b")
      let placement = roster.placement(wanted: 6, least: 1, answering: all)
      #expect(names(placement) == (failures < Roster.failuresAllowed ? "a b c" : "a c"), "after \(failures)")
      #expect(placement.leftOut == (failures < Roster.failuresAllowed ? [] : ["b"]))
    }
  }

  /// One that lacks the program is of no use however few are left, until its line has been taken out and put back.
  @Test func aHostOnWhichNoRankCanRunIsLeftOutAtOnce() {
    var roster = Roster(hostfile("a b c"))
    let all: Set = ["a", "b", "c"]
    let answers = (0..<2).map { _ in roster.exclude("b.cluster.example", lack: "/opt/lockstep") }
    #expect(answers == [true, false])
    for least in [1, 6] {
      let placement = roster.placement(wanted: 6, least: least, answering: all)
      #expect(names(placement) == "a c" && placement.ranks == 4 && placement.leftOut == [])
      #expect(placement.unfit == ["b (lacks /opt/lockstep)"])
    }
    #expect(roster.placement(wanted: 6, least: 1, answering: ["a", "c"]).unfit == [])
    _ = roster.update(hostfile("a c"))
    _ = roster.update(hostfile("a b c"))
    #expect(names(roster.placement(wanted: 6, least: 1, answering: all)) == "a b c")
  }

  /// A bad host is better than none: the one with the fewest failures comes back first.
  @Test func leftOutHostsComeBackWhereTheLeastIsNotReached() {
    var roster = Roster(hostfile("a b c"))
    for _ in 0..<4 { roster.blame("a") }
    for _ in 0..<3 { roster.blame("b") }
    let all: Set = ["a", "b", "c"]
    for (least, hosts) in [(1, "c"), (2, "c"), (3, "b c"), (4, "b c"), (5, "a b c"), (6, "a b c"), (7, "a b c")] {
      #expect(names(roster.placement(wanted: 6, least: least, answering: all)) == hosts, "least \(least)")
    }
    #expect(names(roster.placement(wanted: 6, least: 3, answering: ["a", "c"])) == "a c")
  }

  /// Only hosts are used that hear each other: who misses most goes first, of equals the last.
  @Test(arguments: [
    ("b-c", "a b d", "c"), ("a-b", "a c d", "b"), ("a-b a-c", "b c d", "a"), ("a-b c-d", "a c", "d b"),
    ("a-b b-c a-c", "a d", "c b"), ("", "a b c d", ""), ("a-stranger", "a b c d", ""),
  ])
  func hostsThatDoNotHearEachOther(pairs: String, used: String, apart: String) {
    var roster = Roster(hostfile("a b c d"))
    roster.pairs = pairs.split(separator: " ").map { pair in
      let names = pair.split(separator: "-").map(String.init)
      return HostPair(names[0], names[1], order: roster.names)
    }
    let placement = roster.placement(wanted: 8, least: 1, answering: ["a", "b", "c", "d"])
    #expect(names(placement) == used && placement.apart.joined(separator: " ") == apart)
    #expect(placement.ranks == 2 * placement.hosts.count)
  }

  @Test func aLineThatWentAndCameAgainStartsAnew() {
    var roster = Roster(hostfile("a b"))
    for _ in 0..<3 { roster.blame("a") }
    let first = roster.update(hostfile("b c"))
    #expect(first.added == ["c"] && first.removed == ["a"])
    let second = roster.update(hostfile("a b c"))
    #expect(second.added == ["a"] && second.removed == [])
    #expect(names(roster.placement(wanted: 6, least: 1, answering: ["a", "b", "c"])) == "a b c")
  }

  /// mpirun and the ranks say what a host calls itself, which may be longer or shorter than the hostfile's name.
  @Test func namesWithAndWithoutDomain() {
    for (file, own) in [("a.example", "a"), ("a", "a.example"), ("a.example", "a.example")] {
      var roster = Roster(hostfile("\(file) b"))
      for _ in 0..<3 { roster.blame(own) }
      #expect(names(roster.placement(wanted: 4, least: 1, answering: [file, "b"])) == "b", "\(file) \(own)")
    }
    var roster = Roster(hostfile("10.0.0.1 10.0.0.2"))
    for _ in 0..<3 { roster.blame("10.0.0.2") }
    #expect(names(roster.placement(wanted: 4, least: 1, answering: ["10.0.0.1", "10.0.0.2"])) == "10.0.0.1")
    for _ in 0..<3 { roster.blame("elsewhere") }
    #expect(names(roster.placement(wanted: 4, least: 1, answering: ["10.0.0.1"])) == "10.0.0.1")
  }
}
