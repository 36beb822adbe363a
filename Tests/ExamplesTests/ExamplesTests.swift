import TestSupport
import Testing

/// The programs that show how the library is used, each on several ranks; see `Tests/Examples`.
@Suite(.waiting) struct ExamplesTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// What the program printed on so many ranks.
  private func output(_ program: String, ranks: Int, into run: String, _ settings: String = "seed=1") throws -> [String]
  {
    let ended = try mpirun(ranks, program, folder[run], settings, deadline: 120)
    #expect(ended.code == 0, "\(program) on \(ranks): \(ended.errors)")
    return ended.output.split(separator: "\n").map(String.init)
  }

  private func digest(_ lines: [String]) throws -> String {
    try #require(lines.first { $0.hasPrefix("digest sha256:") })
  }

  @Test func aNetworkOfOnesOwn() throws {
    let one = try output("example-network", ranks: 1, into: "one")
    #expect(one.contains { $0.hasPrefix("128 steps, loss ") })
    let accuracy = try #require(one.first { $0.hasPrefix("accuracy ") }).split(separator: " ")
    #expect(Double(accuracy[1].dropLast())! > 0.95 && accuracy[2] == "true")
    let inner = try #require(one.last).split(separator: " ").last.flatMap { Double($0) }
    #expect(try #require(inner) > 0.9, "\(one)")
    for ranks in [2, 3] {
      let several = try output("example-network", ranks: ranks, into: "\(ranks)")
      #expect(try digest(several) == digest(one))
      #expect(several.suffix(3) == one.suffix(3), "\(several.suffix(3))")
    }
    // The command cannot know the network.
    let ended = try run(builtProduct("lockstep"), ["evaluate", folder["one"]], deadline: 60)
    #expect(ended.code == 64 && ended.errors.contains("trained by a program that brought its own network"))
  }

  @Test func aLayerOfOnesOwn() throws {
    let one = try output("example-layer", ranks: 1, into: "one")
    #expect(try digest(output("example-layer", ranks: 3, into: "three")) == digest(one))
  }

  @Test func kindsOfOnesOwn() throws {
    let one = try output("example-kinds", ranks: 1, into: "one")
    #expect(try digest(output("example-kinds", ranks: 2, into: "two")) == digest(one))
    let scores = one.filter { $0.contains("(name: \"log mean square\"") }
    #expect(scores.count == 40)
    let last = try #require(scores.last?.split(separator: " ").last?.dropLast()).description
    #expect(Double(last)! < -3.5, "\(scores.last!)")
    #expect(try folder.text("one/metrics.jsonl").contains("\"test-log-mean-square\": "))
    let checkpoint = try #require(folder.names("one").filter { $0.hasPrefix("step-") }.max())
    #expect(folder.exists("one/\(checkpoint)/centre.safetensors"))
    let table = try folder.text("one/epochs.csv").split(separator: "\n")
    #expect(table.first == "epoch,step,training-loss,test-loss,test-log-mean-square" && table.count == 41)
  }

  @Test func stepsOfOnesOwn() throws {
    let one = try output("example-descent", ranks: 1, into: "one")
    for ranks in [2, 3] {
      #expect(try digest(output("example-descent", ranks: ranks, into: "\(ranks)")) == digest(one))
    }
    #expect(try folder.text("one/config.yaml").contains("\ngradient-transforms:\n  - truncate:\n      bits: 7\n"))
  }

  /// The transport leaves no trace in the bits, and the writer's file is what the command writes.
  @Test func trafficOfOnesOwn() throws {
    let one = try output("example-traffic", ranks: 1, into: "one")
    for ranks in [2, 3] {
      for transport in ["flood", "messages", "memory"] {
        let run = "\(transport)-\(ranks)"
        let found = try output("example-traffic", ranks: ranks, into: run, "transport=\(transport)")
        #expect(try digest(found) == digest(one), "\(run)")
        #expect(try folder.text("\(run)/config.yaml").contains("\ntransport: \(transport)\n"))
      }
    }
    let written = try folder.text("flood-2/new.txt").split(separator: "\n")
    #expect(written == ["positive", "negative"])
    // Another program does not know it, and needs not: nothing travels where a model is used.
    let ended = try run(builtProduct("lockstep"), ["evaluate", folder["one"]], deadline: 60)
    #expect(ended.code == 0, "\(ended.errors)")
  }
}
