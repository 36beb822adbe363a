import Foundation
import Lockstep
import Testing

@testable import Doctor

@Suite struct ReportTests {
  @Test func aReportIsGraveOrNot() throws {
    let warning = Finding(.warning, "w", why: "y", cure: "c")
    let grave = Finding(.grave, "g", why: "y", cure: "c")
    func report(_ findings: [Finding]) -> Report {
      Report(ranks: [RankFacts()], pace: nil, instructionSet: "avx2", findings: findings)
    }
    #expect(report([]).exitCode == 0 && report([]).text.hasSuffix("\nnothing to mend\n"))
    #expect(report([warning]).exitCode == 0)
    #expect(report([warning, grave]).exitCode == 69)
    #expect(report([warning, grave]).text.hasSuffix("\ngrave: g: y; c\nwarning: w: y; c\n"))
    let read = try JSONDecoder().decode(Report.self, from: Data(report([warning]).json.utf8))
    #expect(read == report([warning]))
  }
}
