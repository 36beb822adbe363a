import Diagnostics
import Foundation
import Testing

@Suite struct FailureTests {
  @Test func tellsPlaceFaultAndCureInOneLine() {
    let failure = Failure(
      .badData, at: "iris.csv:12", "expected 5 columns, found 4", cure: "complete or delete the row")
    #expect("\(failure)" == "iris.csv:12: expected 5 columns, found 4; complete or delete the row")
    #expect(failure.code == .badData)
  }

  @Test func placeAndCureMayBeAbsent() {
    #expect("\(Failure(.internal, "fault"))" == "fault")
    #expect("\(Failure(.internal, at: "place", "fault"))" == "place: fault")
    #expect("\(Failure(.internal, "fault", cure: "cure"))" == "fault; cure")
  }

  /// Logs are read line by line, with a rank before each.
  @Test(arguments: ["\n", "\r", "\r\n", "\u{2028}", "\u{85}", "\u{0B}"])
  func lineBreaksBecomeSpaces(newline: String) {
    let failure = Failure(.usage, at: "a\(newline)b", "c\(newline)d", cure: "e\(newline)f")
    #expect("\(failure)" == "a b: c d; e f")
  }

  /// Names come from files: a terminal must not obey them, nor a log be filled by them.
  @Test func controlsBecomeSpacesAndLongPartsAreCut() {
    #expect("\(Failure(.usage, "a\u{1B}[2Jb\u{7F}\u{9B}c"))" == "a [2Jb  c")
    let long = String(repeating: "a\u{301}", count: 10_000)
    let failure = Failure(.usage, at: long, long, cure: "cure")
    #expect(failure.description.unicodeScalars.count == 2 * (4096 + 1) + 2 + 6)
    #expect(failure.description.hasSuffix("…; cure"))
  }

  @Test func equalOnlyWithTheSameCodeAndText() {
    #expect(Failure(.usage, "a") == Failure(.usage, "a"))
    #expect(Failure(.usage, "a") != Failure(.badData, "a"))
    #expect(Failure(.usage, "a") != Failure(.usage, "b"))
  }

  @Test func systemErrorsTellPathCallAndText() {
    let failure = Failure.system("open", "runs/a", errno: EACCES, cure: "choose another directory")
    #expect("\(failure)" == "runs/a: open: Permission denied; choose another directory")
  }

  @Test(arguments: [ENOENT, EACCES, EISDIR, ENOTDIR, ELOOP])
  func whatCannotBeReadIsMissing(code: Int32) {
    #expect(Failure.system("open", "a", errno: code, reading: true).code == .missingInput)
    #expect(Failure.system("open", "a", errno: code).code == .inputOutput)
  }

  @Test(arguments: [EIO, ENOSPC, EMFILE])
  func otherSystemErrorsAreInputOrOutput(code: Int32) {
    #expect(Failure.system("read", "a", errno: code, reading: true).code == .inputOutput)
    #expect(Failure.system("write", "a", errno: code).code == .inputOutput)
  }

  /// The numbers of `<sysexits.h>`: schedulers and scripts act on them.
  @Test func exitCodesAreThoseOfSysexits() {
    let expected: [ExitCode: Int32] = [
      .usage: 64, .badData: 65, .missingInput: 66, .unavailable: 69, .internal: 70, .exhausted: 71,
      .inputOutput: 74, .stopped: 75, .hung: 76, .badConfiguration: 78,
    ]
    #expect(Set(expected.keys) == Set(ExitCode.allCases))
    for (code, number) in expected { #expect(code.rawValue == number, "\(code)") }
  }
}
