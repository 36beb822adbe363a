import Configuration
import Diagnostics
import Testing

/// The line that `body` fails with; empty where it does not fail.
func message(_ code: ExitCode = .badConfiguration, _ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch let failure as Failure {
    #expect(failure.code == code, "\(failure)")
    return failure.description
  } catch {
    Issue.record("\(error) is no Failure")
    return ""
  }
}

/// Reads `yaml` as run.yaml.
func reader(_ yaml: String, _ overrides: [String] = []) throws -> ConfigReader {
  try ConfigReader(yaml: yaml, file: "run.yaml", overrides: overrides)
}

@Suite struct Scalars {
  @Test func wholeNumbers() throws {
    let config = try reader("a: 12\nb: -3\nc: +4\nd: 0\n")
    #expect(try ["a", "b", "c", "d"].map { try config.int($0) } == [12, -3, 4, 0])
    #expect(try config.int("missing", default: 7) == 7)
  }

  @Test(arguments: [
    ("1.5", "1.5"), ("1e3", "1e3"), ("007", "007"), ("0x10", "0x10"), ("1_000", "1_000"), ("", "nothing"),
    ("~", "nothing"), ("[1]", "a list"), ("{a: 1}", "a mapping"), ("--1", "--1"), ("true", "true"),
  ])
  func notWholeNumbers(yaml: String, found: String) {
    #expect(
      message { _ = try reader("x: 1\na: \(yaml)").int("a") }
        == "run.yaml:2: a: expected a whole number, found \(found)")
  }

  @Test func numbersThatAreTooLarge() {
    #expect(
      message { _ = try reader("a: 9223372036854775808").int("a", in: 0...) }
        == "run.yaml:1: a: expected a whole number of at least 0, found 9223372036854775808; "
        + "whole numbers go from -9223372036854775808 to 9223372036854775807")
    #expect(
      message { _ = try reader("a: -1e999").double("a") }
        == "run.yaml:1: a: expected a number, found -1e999; numbers go up to 1.7976931348623157e+308")
  }

  @Test func quotedNumbers() {
    #expect(
      message { _ = try reader("a: '5'").int("a") }
        == "run.yaml:1: a: expected a whole number, found the text \"5\"; remove the quotes")
    #expect(
      message { _ = try reader("a: \"0.5\"").double("a", in: .above(0)) }
        == "run.yaml:1: a: expected a number greater than 0, found the text \"0.5\"; remove the quotes")
    #expect(
      message { _ = try reader("a: 'true'").bool("a") }
        == "run.yaml:1: a: expected true or false, found the text \"true\"")
  }

  @Test func numbers() throws {
    let texts = ["1", "1e-3", ".5", "-2.5E+4", "5.", "0.1", "1e22", "+3"]
    for (text, value) in zip(texts, [1, 1e-3, 0.5, -2.5e4, 5, 0.1, 1e22, 3]) {
      #expect(try reader("a: \(text)").double("a") == value)
    }
    for text in [".nan", ".inf", "nan", "inf", "-inf", "0x1p3", "1,5", "e5", ".", "1e", "fast"] {
      #expect(
        message { _ = try reader("a: \(text)").double("a") } == "run.yaml:1: a: expected a number, found \(text)")
    }
  }

  @Test func intervals() {
    func double(_ text: String, _ interval: some Interval<Double>) -> String {
      message { _ = try reader("a: \(text)").double("a", in: interval) }
    }
    func int(_ text: String, _ interval: some Interval<Int>) -> String {
      message { _ = try reader("a: \(text)").int("a", in: interval) }
    }
    #expect(double("-1", .above(0)) == "run.yaml:1: a: expected a number greater than 0, found -1")
    #expect(double("0", .above(0)) != "" && double("1e-300", .above(0)) == "")
    #expect(
      double("1", .above(0, below: 1)) == "run.yaml:1: a: expected a number greater than 0 and less than 1, found 1")
    #expect(double("1", .above(0, through: 1)) == "")
    #expect(
      double("2", .above(0, through: 1)) == "run.yaml:1: a: expected a number greater than 0 and at most 1, found 2")
    #expect(double("1", 0.0..<1) == "run.yaml:1: a: expected a number of at least 0 and less than 1, found 1")
    #expect(double("1.5", 0.5...1) == "run.yaml:1: a: expected a number from 0.5 to 1, found 1.5")
    #expect(int("0", 1...) == "run.yaml:1: a: expected a whole number of at least 1, found 0")
    #expect(int("9", ...8) == "run.yaml:1: a: expected a whole number of at most 8, found 9")
    #expect(int("8", ..<8) == "run.yaml:1: a: expected a whole number less than 8, found 8")
    #expect(int("4", 1...3) == "run.yaml:1: a: expected a whole number from 1 to 3, found 4")
    #expect(int("4", 3...3) == "run.yaml:1: a: expected a whole number of exactly 3, found 4")
    #expect(int("1", 1...) == "" && int("8", ...8) == "" && int("3", 1...3) == "")
  }

  @Test func booleans() throws {
    #expect(try reader("a: true").bool("a") && !reader("a: false").bool("a"))
    for text in ["yes", "on", "True", "1", "no"] {
      #expect(
        message { _ = try reader("a: \(text)").bool("a") } == "run.yaml:1: a: expected true or false, found \(text)")
    }
  }

  @Test func texts() throws {
    let config = try reader("a: yes\nb: 1.10\nc: 'x & y'\nd: |\n  one\n  two *\ne: \"\"\n")
    #expect(
      try ["a", "b", "c", "d", "e"].map { try config.string($0) } == ["yes", "1.10", "x & y", "one\ntwo *\n", ""])
    #expect(message { _ = try reader("a:").string("a") } == "run.yaml:1: a: expected text, found nothing")
    #expect(message { _ = try reader("a: [x]").string("a") } == "run.yaml:1: a: expected text, found a list")
    let long = String(repeating: "x", count: 100)
    #expect(
      message { _ = try reader("a: \(long)").int("a") }
        == "run.yaml:1: a: expected a whole number, found \(long.prefix(60))…")
  }

  @Test func optionals() throws {
    let config = try reader("a: ~\nb: 2\nc:\n")
    #expect(try config.optionalInt("a") == nil)
    #expect(try config.optionalInt("b") == 2)
    #expect(try config.optionalString("c") == nil)
    #expect(try config.optionalDouble("d") == nil)
    #expect(try config.optionalBool("e") == nil)
    #expect(try config.optionalChild("f") == nil)
    #expect(config.resolved == "a: null\nb: 2\nc: null\nd: null\ne: null\nf: null\n")
    #expect(
      message { _ = try config.optionalInt("b", in: 3...) }
        == "run.yaml:2: b: expected a whole number of at least 3, found 2")
  }

  enum Reduction: String, CaseIterable { case canonical, native }

  @Test func options() throws {
    #expect(try reader("a: native").option("a", of: Reduction.self) == .native)
    #expect(try reader("b: 1").option("a", default: Reduction.canonical) == .canonical)
    #expect(
      message { _ = try reader("a: natve").option("a", of: Reduction.self) }
        == "run.yaml:1: a: expected one of canonical, native, found natve; did you mean native?")
    #expect(
      message { _ = try reader("a: [x]").option("a", of: Reduction.self) }
        == "run.yaml:1: a: expected one of canonical, native, found a list")
  }
}

@Suite struct Lists {
  @Test func plain() throws {
    let config = try reader("a: [1, 2]\nb:\n- x\n- 1.0\nc: []\nd: [1, .5]\n")
    #expect(try config.ints("a") == [1, 2])
    #expect(try config.strings("b") == ["x", "1.0"])
    #expect(try config.ints("c") == [])
    #expect(try config.doubles("d") == [1, 0.5])
    #expect(try config.strings("e", default: ["q", "on"]) == ["q", "on"])
    #expect(config.resolved == "a: [1, 2]\nb: [x, \"1.0\"]\nc: []\nd: [1.0, 0.5]\ne: [q, \"on\"]\n")
  }

  @Test func mistakes() {
    #expect(
      message { _ = try reader("a: [1,\n 0]").ints("a", in: 1...) }
        == "run.yaml:2: a.1: expected a whole number of at least 1, found 0")
    #expect(message { _ = try reader("a: 1").ints("a") } == "run.yaml:1: a: expected a list, found 1")
    #expect(
      message { _ = try reader("size: 1").ints("sizes") }
        == "run.yaml: sizes: required, but missing; did you misspell it as size?")
    #expect(
      message { _ = try reader("a: [1]").list("a", count: 2...) { try $0.int() } }
        == "run.yaml:1: a: expected a number of elements of at least 2, found 1")
  }

  @Test func whenMissing() throws {
    let config = try reader("x: 1")
    #expect(try config.list("a", whenMissing: .empty) { try $0.int() } == [])
    #expect(try config.int("x") == 1)
    #expect(config.resolved == "a: []\nx: 1\n")
    #expect(
      message { _ = try reader("xyz: 1").list("a") { try $0.int() } } == "run.yaml: a: required, but missing")
  }
}

@Suite struct Mappings {
  @Test func children() throws {
    let config = try reader("optimizer:\n  rate: 0.1\n")
    let optimizer = try config.child("optimizer")
    #expect(try optimizer.double("rate") == 0.1)
    #expect(try config.child("absent").int("n", default: 3) == 3)
    try config.finish()
    #expect(config.resolved == "optimizer:\n  rate: 0.1\nabsent:\n  n: 3\n")
    #expect(
      message { _ = try config.child("absent").int("m") } == "run.yaml:1: absent.m: required, but missing")
    #expect(
      message { _ = try reader("a:\n  b: 1").child("a").child("b") }
        == "run.yaml:2: a.b: expected a mapping (key: value), found 1")
  }

  @Test func unknownKeys() throws {
    let config = try reader("batch: 1\noptimizer:\n  learning-rat: 1\nbtch: 2\n")
    _ = try config.int("batch")
    _ = try config.child("optimizer").double("learning-rate", default: 0.1)
    #expect(
      message { try config.finish() }
        == "run.yaml:3: optimizer.learning-rat: unknown key; did you mean learning-rate?")
    let other = try reader("batch: 1\nquite-different: 2\n")
    _ = try other.int("batch")
    _ = try other.int("epochs", default: 1)
    #expect(
      message { try other.finish() } == "run.yaml:2: quite-different: unknown key; the keys here are batch, epochs")
  }

  @Test func slipsOfRequiredKeys() {
    #expect(
      message { _ = try reader("x: 1\nbatc: 1").int("batch") }
        == "run.yaml: batch: required, but missing; did you misspell it as batc?")
    #expect(
      message { _ = try reader("x: 1\na:\n  c: 1").child("a").int("units") }
        == "run.yaml:3: a.units: required, but missing")
  }

  @Test func failuresOfCallers() throws {
    let config = try reader("x: 1\nbatch: 100")
    #expect(
      config.failure(at: "batch", "expected a multiple of 32, found 100", cure: "take 96").description
        == "run.yaml:2: batch: expected a multiple of 32, found 100; take 96")
    #expect(config.failure(at: "gone", "needed").description == "run.yaml: gone: needed")
    #expect(config.contains("x") && !config.contains("y"))
  }
}
