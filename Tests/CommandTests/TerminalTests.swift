import TestSupport
import Testing

extension CommandTests {
  /// On a terminal there is a bar that goes when the lines come; no line of it wraps.
  @Suite(.serialized) struct TerminalTests {
    private func bars(
      _ columns: UInt16, resized: (columns: UInt16, after: String)? = nil, epochs: Int, ranks: Int? = nil,
      environment: [String: String] = [:]
    ) throws -> [String] {
      let (folder, program) = (try Folder(), try builtProduct("lockstep"))
      let arguments = ["train", "two-class", "-o", folder["run"], "--set", "epochs=\(epochs)"]
      let ended = try runOnTerminal(
        ranks == nil ? program : "mpirun", ranks.map { launch($0) + [program] + arguments } ?? arguments,
        columns: columns, resized: resized, environment: environment, deadline: 120)
      #expect(ended.code == 0, "\(ended.output)")
      let frames = ended.output.split { $0.isNewline || $0 == "\r" }.map(String.init)
      #expect(frames.last { !$0.allSatisfy(\.isWhitespace) }?.hasPrefix("digest sha256:") == true)
      return frames.filter { $0.contains("█") || $0.contains("░") }
    }

    @Test(arguments: [(40, nil), (80, nil), (200, nil), (40, 2), (200, 2)] as [(UInt16, Int?)])
    func theBarIsAsWideAsTheTerminal(columns: UInt16, ranks: Int?) throws {
      let bars = try bars(columns, epochs: 10, ranks: ranks)
      let last = try #require(bars.last)
      #expect(bars.allSatisfy { $0.count < columns }, "\(bars)")
      #expect(last.contains("█ 100 % step 640/640 loss "), "\(last)")
      #expect(last.contains(" samples/s 0 s left") == (columns > 40), "\(last)")
      if columns == 200 { #expect(last.count { $0 == "█" } == 50, "\(last)") }
    }

    /// Where the terminal does not tell, the environment may; where neither does, there are 80.
    @Test(arguments: [("60", 60), ("", 80), ("many", 80)])
    func aTerminalThatDoesNotTell(variable: String, columns: Int) throws {
      let bars = try bars(0, epochs: 2, environment: ["COLUMNS": variable])
      #expect(try #require(bars.last).count < columns)
      #expect(bars.last?.contains("samples/s") == (columns == 80), "\(bars)")
    }

    @Test func aWindowThatShrinks() throws {
      let bars = try bars(200, resized: (40, after: "█"), epochs: 150)
      #expect(try #require(bars.first).count > 40 && #require(bars.last).count < 40, "\(bars)")
    }
  }
}
