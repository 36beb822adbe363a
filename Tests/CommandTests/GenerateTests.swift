import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// `generate` on a small model of text, and the sample at the end of its training.
  @Suite(.serialized) struct GenerateTests {
    private let folder: Folder

    init() throws {
      folder = try Folder()
      try folder.write("text", String(repeating: "abc abd.\n", count: 40))
      try folder.write(
        "run.yaml",
        """
        data: {text: {file: \(folder["text"]), length: 8}}
        standardise: none
        model:
          - embedding: {vocabulary: 7, width: 8}
          - positions
          - residual: {body: [layer-norm, {attention: {heads: 2, causal: true}}]}
          - dense: 7
        optimizer: {adam: 0.01}
        epochs: 30
        batch: 8

        """)
    }

    @Test func writesTheSameTextForTheSameOptions() throws {
      let trained = try lockstep(["train", folder["run.yaml"], "-o", folder["run"]])
      #expect(trained.code == 0, "\(trained.errors)")
      #expect(trained.output.contains("\nsample: "))
      #expect(lines(trained.output).last?.hasPrefix("digest sha256:") == true, "the digest stays the last line")

      let options = ["--prompt", "abc ", "--length", "12", "--temperature", "0.5", "--top-k", "3", "--seed", "7"]
      let first = try lockstep(["generate", folder["run"]] + options)
      #expect(first.code == 0 && first.errors == "", "\(first.errors)")
      #expect(first.output.hasPrefix("abc ") && first.output.unicodeScalars.count == 4 + 12 + 1)
      #expect(try lockstep(["generate", folder["run"]] + options).output == first.output)

      expectComplaint(
        65, "the prompt: expected characters of the training text, found U+78 (x) in line 1",
        try lockstep(["generate", folder["run"], "--prompt", "abx"]))
      let evaluated = try lockstep(["evaluate", folder["run"]])
      #expect(evaluated.output.contains(/perplexity +[0-9.]+\n/), "\(evaluated.output)\(evaluated.errors)")
      expectComplaint(
        64, "let it write: lockstep generate",
        try lockstep(["predict", folder["run"], "-i", folder["text"], "-o", folder["out.csv"]]))
    }

    /// A million characters take minutes; the first are there at once, and a reader that goes ends it without a word.
    @Test func charactersComeAtOnceAndAReaderMayGo() throws {
      let trained = try lockstep(["train", folder["run.yaml"], "-q", "-o", folder["run"], "--set", "epochs=1"])
      #expect(trained.code == 0, "\(trained.errors)")
      let generate = "\(try builtProduct("lockstep")) generate \(folder["run"]) --prompt abc --length 1000000"
      let piped = try run(
        "bash", ["-c", "\(generate) | head -c 20; echo \" ${PIPESTATUS[0]}\""], deadline: 60)
      #expect(piped.output.hasPrefix("abc") && piped.output.hasSuffix(" 141\n") && piped.errors == "", "\(piped)")

      // Ctrl-C, when something has been written.
      let interrupted = try run(
        "bash",
        [
          "-c",
          """
          exec 3< <(exec \(generate)); writer=$!
          head -c 5 <&3 >/dev/null; kill -INT $writer; cat <&3 >/dev/null; wait $writer; echo $?
          """,
        ], deadline: 60)
      #expect(interrupted.output == "130\n" && interrupted.errors == "", "\(interrupted)")
    }

    /// What a terminal would obey reaches it escaped, and a file as it is.
    @Test func aTextThatATerminalWouldObey() throws {
      try folder.write("text", String(repeating: "a\u{1B}[2m.\n", count: 40))
      try digest([folder["run.yaml"], "-q", "-o", folder["run"], "--set", "epochs=1"])
      let words = ["generate", folder["run"], "--prompt", "\u{1B}[2m", "--length", "20"]
      let shown = try runOnTerminal(builtProduct("lockstep"), words, columns: 80, deadline: 60)
      #expect(shown.code == 0 && shown.output.hasPrefix("\\u{1B}[2m"), "\(shown)")
      #expect(!shown.output.contains("\u{1B}"))
      let piped = try lockstep(words)
      #expect(piped.output.hasPrefix("\u{1B}[2m") && piped.errors == "", "\(piped)")
    }

    @Test func modelsOfOtherDataDoNotWrite() throws {
      try digest(["two-class", "-q", "-o", folder["two"], "--set", "epochs=1"])
      expectComplaint(64, "expected a model of text", try lockstep(["generate", folder["two"]]))
      #expect(try lockstep(["generate", folder["two"], "--top-k", "0"]).code == 64)
    }
  }
}
