import Diagnostics
import Supervision
import Testing

@Suite struct HostfileTests {
  private func read(_ text: String) throws -> [Hostfile.Host] { try Hostfile(text: text, path: "hosts").hosts }

  @Test func namesSlotsAndComments() throws {
    let text = "# two kinds\n\nnode01 slots=2   # fast\n  node02\nnode03\tslots=4 max_slots=8\n"
    #expect(try read(text) == [.init("node01", slots: 2), .init("node02", slots: 1), .init("node03", slots: 4)])
    #expect(try Hostfile(text: text, path: "").slots == 7)
  }

  @Test func aNameOnSeveralLinesHasAllTheirSlots() throws {
    #expect(try read("a\nb\na\na slots=3") == [.init("a", slots: 5), .init("b", slots: 1)])
  }

  @Test func linesEndAsOnWindows() throws {
    let hosts = try read("a slots=2\r\nb # fast\r\n\r\nc")
    #expect(hosts == [.init("a", slots: 2), .init("b", slots: 1), .init("c", slots: 1)])
    let failure = #expect(throws: Failure.self) { try read("a\r\n\r\nb slots=0\r\n") }
    #expect(failure?.description.hasPrefix("hosts:3: ") == true)
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let hosts = Hostfile([.init("a", slots: 5), .init("b", slots: 1)])
    #expect(try Hostfile(text: hosts.text, path: "") == hosts)
  }

  @Test(arguments: [
    ("", "hosts: expected hosts, found none"), ("# node01\n", "hosts: expected hosts, found none"),
    ("a\nb slots=0", "hosts:2: expected slots=N with N in 1...1000000, found slots=0"),
    ("a slots=9223372036854775807", "hosts:1: expected slots=N with N in 1...1000000, found slots=9223372036854775807"),
    ("a slots=two", "hosts:1: expected slots=N with N in 1...1000000, found slots=two"),
    ("a slots", "hosts:1: expected slots=N with N in 1...1000000, found slots"),
    ("a slot=2", "hosts:1: expected slots=N, found slot=2"),
  ])
  func mistakesAreNamed(text: String, message: String) {
    let failure = #expect(throws: Failure.self) { try read(text) }
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.description.hasPrefix(message) == true, "\(failure?.description ?? "")")
  }

  @Test func aMissingFileIsMissingInput() {
    let failure = #expect(throws: Failure.self) { try Hostfile(path: "/no/such/hosts") }
    #expect(failure?.code == .missingInput)
    #expect(failure?.description.hasPrefix("/no/such/hosts: open: No such file or directory") == true)
  }
}
