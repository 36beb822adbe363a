import Foundation
import TestSupport
import Testing

extension TrainingCommandTests {
  /// `evaluate`, `predict` and `inspect` on trained models.
  @Suite(.serialized) struct ModelTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    private func trainTwoClass() throws -> String {
      try digest(["two-class", "-q", "-o", folder["run"]])
    }

    /// Images of 2×2 pixels, dark or bright, on which a layer of two units learns at once.
    private func trainImages() throws {
      let bytes: [UInt8] = (0..<256).map { place in
        let (sample, pixel) = (place / 4, place % 4)
        return UInt8(sample % 2 * 200 + (sample + pixel) % 7)
      }
      try folder.write("images", idx([64, 2, 2], bytes))
      try folder.write("labels", idx([64], (0..<64).map { UInt8($0 % 2) }))
      try folder.write(
        "images.yaml",
        """
        data: {idx: {train: {images: \(folder["images"]), labels: \(folder["labels"])}, classes: [dark, bright]}}
        model: [flatten, {dense: 2}]
        optimizer: {adam: 0.05}
        epochs: 5
        batch: 8

        """)
      try digest([folder["images.yaml"], "-q", "-o", folder["run"]])
    }

    @Test func evaluatesTheTestDataOfTheRun() throws {
      _ = try trainTwoClass()
      for path in ["run", "run/step-00000640"] {
        let ended = try lockstep(["evaluate", folder[path]])
        #expect(ended.code == 0 && ended.errors == "")
        #expect(ended.output.hasPrefix("\(folder["run/step-00000640"]) on two-class (test): 1,024 samples\n"))
        for name in ["loss", "accuracy", "precision", "recall", "f1"] {
          #expect(ended.output.contains(try Regex("(?m)^\(name) +0\\.[0-9]{4}$")), "\(name)")
        }
        #expect(ended.output.contains(/positive +0\.[0-9]{4} +0\.[0-9]{4} +0\.[0-9]{4} +512/))
      }
    }

    /// They are no samples that the scores are of.
    @Test func ignoredTargetsAreTold() throws {
      try digest(["two-class", "-q", "-o", folder["run"], "--set", "loss={cross-entropy: {ignore: 1}}"])
      let ended = try lockstep(["evaluate", folder["run"]], ranks: 2)
      let first = try #require(lines(ended.output).first, "\(ended.errors)")
      #expect(first.hasSuffix(" on two-class (test): 512 samples, 512 targets ignored"), "\(first)")
    }

    @Test func ranksShareAnEvaluation() throws {
      _ = try trainTwoClass()
      let alone = try lockstep(["evaluate", folder["run"]])
      for ranks in [2, 3] {
        let shared = try lockstep(["evaluate", folder["run"]], ranks: ranks)
        #expect(shared.code == 0 && shared.output == alone.output, "\(shared.output)\(shared.errors)")
      }
      expectComplaint(66, "nowhere", try lockstep(["evaluate", folder["nowhere"]], ranks: 2))
    }

    /// Hashed words make rows of 4,097 numbers, so that there are several blocks of them; each seventh has a problem.
    @Test func ranksSharePredictions() throws {
      func rows(_ count: Int, bad: Bool) -> String {
        let cells = (0..<count).map { "\(bad && $0 % 7 == 3 ? "many" : "\($0 % 101)"),w\($0 % 211),\($0 % 2)\n" }
        return "n,w,t\n" + cells.joined()
      }
      try folder.write("train.csv", rows(300, bad: false))
      try folder.write("new.csv", rows(900, bad: true))
      try folder.write("other.csv", rows(901, bad: true))
      // Of the same size, beginning and end, with another number in the middle.
      var changed = rows(20_000, bad: false)
      try folder.write("long.csv", changed)
      changed.replace("\n77,w13,", with: "\n78,w13,")
      try folder.write("changed.csv", changed)
      try folder.write(
        "wide.yaml",
        """
        data:
          table:
            source: {csv: train.csv}
            target: t
            split: {random: {test: 0.2}}
            keep-under: \(folder["prepared"])
            columns: [{number: n}, {hashed: {columns: w, buckets: 4096}}]
        model: [{dense: 2}]
        batch: 16
        micro-batch: 8
        epochs: 1

        """)
      try digest([folder["wide.yaml"], "-q", "-o", folder["run"]])
      func arguments(_ input: String, _ output: String) -> [String] {
        ["predict", folder["run"], "--input", input, "--output", folder[output], "--keep", "w"]
      }
      let alone = try lockstep(arguments(folder["new.csv"], "1.csv"))
      let out = try folder.text("1.csv")
      #expect(alone.code == 0 && lines(out).count == 901, "\(alone.errors)")
      #expect(lines(out).count { $0.contains("expected a number, found 'many'") } == 129)
      for ranks in [2, 3] {
        let shared = try lockstep(arguments(folder["new.csv"], "\(ranks).csv"), ranks: ranks)
        #expect(shared.code == 0 && shared.errors == alone.errors.replacing("1.csv", with: "\(ranks).csv"))
        #expect(try folder.text("\(ranks).csv") == out)
      }
      // What comes once has one reader.
      let program = try builtProduct("lockstep")
      let words = ["exec mpirun"] + launch(2) + [program] + arguments("-", "pipe.csv") + ["<", folder["new.csv"]]
      let piped = try run("sh", ["-c", words.joined(separator: " ")], deadline: 60)
      #expect(piped.code == 0 && piped.errors.contains("note: standard input: rank 0 reads and predicts alone"))
      #expect(try folder.text("pipe.csv") == out)
      // What is wrong on one rank ends all.
      expectComplaint(66, "no.csv: open: No such file", try lockstep(arguments(folder["no.csv"], "no"), ranks: 2))
      for (one, other, complaint) in [
        ("new.csv", "other.csv", "the file of rank 0"), ("long.csv", "changed.csv", "the bytes that rank 0 has"),
      ] {
        let two = launch(1) + [program] + arguments(folder[one], "no") + [":", "-np", "1", program]
        let mixed = try run("mpirun", two + arguments(folder[other], "no"), deadline: 60)
        expectComplaint(65, "\(other): expected \(complaint)", mixed)
      }
      #expect(!folder.exists("no"))
    }

    @Test func showsAConfigurationWithItsDefaults() throws {
      let recipe = try lockstep(["inspect", "two-class", "--yaml", "--set", "epochs=3"])
      #expect(recipe.code == 0 && recipe.output.contains("\nepochs: 3\n") && recipe.output.contains("clip-norm: null"))
      try folder.write("again.yaml", recipe.output)
      #expect(try lockstep(["inspect", folder["again.yaml"], "--yaml"]).output == recipe.output)
      _ = try trainTwoClass()
      #expect(try lockstep(["inspect", folder["run"], "--yaml"]).output.contains("\nepochs: 10\n"))
      expectComplaint(
        64, "--set: expected none for a checkpoint", try lockstep(["inspect", folder["run"], "--set", "epochs=3"]))
    }

    @Test func tellsOfEachTarget() throws {
      let rows = (0..<64).map { "\($0 % 8),\($0 / 8),\($0 % 8 * 2),\($0 / 8 - 3)\n" }
      try folder.write("four.csv", "x,y,double,lower\n" + rows.joined())
      try folder.write(
        "two.yaml",
        """
        data: {csv: {train: \(folder["four.csv"]), test: \(folder["four.csv"]), target: [double, lower], kind: values}}
        model: [{dense: 2}]
        loss: mean-squared-error
        optimizer: {adam: 0.05}
        epochs: 20
        batch: 16

        """)
      let trained = try lockstep(["train", folder["two.yaml"], "-o", folder["run"]])
      #expect(trained.code == 0, "\(trained.errors)")
      #expect(trained.output.hasPrefix("two: 64 samples of 2, targets of 2, 6 parameters, "))
      #expect(
        trained.output.contains(
          #/test lower +mean squared error \d+\.\d{4}, mean absolute error \d+\.\d{4}, r squared [-\d.]+\n/#))
      let ended = try lockstep(["evaluate", folder["run"], "--data", folder["four.csv"]])
      #expect(
        ended.code == 0 && ended.output.contains(#/\ndouble +\d+\.\d{4} +\d+\.\d{4} +[-\d.]+\n lower +\d/#), "\(ended)")
      #expect(try lockstep(["evaluate", folder["run"], "--data", folder["four.csv"]], ranks: 2).output == ended.output)
      #expect(try lockstep(["inspect", folder["run"]]).output.contains("\n  targets: double, lower\n"))
    }

    @Test func evaluatesOtherData() throws {
      _ = try trainTwoClass()
      try folder.write("new.csv", "label,y,x\npositive,2,1\nnegative,-2,-1\nnegative,2,2\n")
      try folder.write("last.csv", "x,y,label\n1,2,positive\n-1,-2,negative\n2,2,negative\n")
      let ended = try lockstep(["evaluate", folder["run"], "--data", folder["last.csv"]])
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(ended.output.contains(/accuracy +0\.6667/))
      expectComplaint(
        64, "--labels: expected none, as the model was trained on a table or text",
        try lockstep(["evaluate", folder["run"], "--data", folder["last.csv"], "--labels", folder["last.csv"]]))
      // The target is the last column.
      expectComplaint(
        65, "new.csv:1: expected a target that is no feature, found column 'x' as both",
        try lockstep(["evaluate", folder["run"], "--data", folder["new.csv"]]))
      try folder.write("other.csv", "x,z,label\n1,2,positive\n")
      expectComplaint(
        65, "other.csv:1: expected a feature column 'y', found none",
        try lockstep(["evaluate", folder["run"], "--data", folder["other.csv"]]))
    }

    @Test func predictsPoints() throws {
      _ = try trainTwoClass()
      try folder.write("bare.csv", "x,y\n1,2\n-1,-2\n")
      try folder.write("full.csv", "class,y,x\npositive,2,1\n?,-2,-1\n")
      var answers: [String] = []
      for input in ["bare.csv", "full.csv"] {
        let ended = try lockstep(["predict", folder["run"], "--input", folder[input], "--output", folder["out.csv"]])
        #expect(ended.code == 0 && ended.output == "", "\(ended.errors)")
        #expect(ended.errors == "\(folder["out.csv"]): 2 predictions by \(folder["run/step-00000640"])\n")
        answers.append(try folder.text("out.csv"))
      }
      #expect(answers[0] == answers[1])
      let rows = lines(answers[0])
      #expect(rows.count == 3 && rows[1].hasPrefix("positive,") && rows[2].hasPrefix("negative,"))

      let piped = try lockstep(["predict", folder["run"], "-i", folder["bare.csv"], "-o", "/dev/stdout"])
      #expect(piped.output == answers[0])
    }

    @Test func predictsImages() throws {
      try trainImages()
      try folder.write("new", idx([3, 2, 2], [200, 201, 202, 203, 0, 1, 2, 3, 199, 199, 199, 199]))
      let ended = try lockstep(["predict", folder["run"], "-i", folder["new"], "-o", folder["out.csv"]])
      #expect(ended.code == 0, "\(ended.errors)")
      let rows = lines(try folder.text("out.csv"))
      #expect(rows.map { $0.prefix { $0 != "," } } == ["prediction", "bright", "dark", "bright"])

      let evaluated = try lockstep([
        "evaluate", folder["run"], "--data", folder["images"], "--labels", folder["labels"],
      ])
      #expect(evaluated.output.contains(/accuracy +1\.0000/), "\(evaluated.errors)")
      expectComplaint(78, "the run had no test data; name some with --data", try lockstep(["evaluate", folder["run"]]))
      expectComplaint(
        64, "expected labels beside the images; name their file with --labels",
        try lockstep(["evaluate", folder["run"], "--data", folder["images"]]))
      try folder.write("large", idx([1, 3, 2], [1, 2, 3, 4, 5, 6]))
      expectComplaint(
        65, "large: expected samples of shape 2×2×1, found 3×2×1; use data of the form",
        try lockstep(["predict", folder["run"], "-i", folder["large"], "-o", folder["out2.csv"]]))
      #expect(!folder.exists("out2.csv"))
    }

    /// SIGKILL leaves what was written so far under another name; the next prediction to the same file removes it.
    @Test func whatAKilledPredictionLeaves() throws {
      _ = try trainTwoClass()
      try folder.write("few.csv", "x,y\n1,2\n")
      // More rows than are predicted at a time, so that it is killed while it writes.
      try folder.write("many.csv", "x,y\n" + String(repeating: "1,2\n", count: 2_200_000))
      let before = folder.names()
      let prediction = Process()
      prediction.executableURL = URL(fileURLWithPath: try builtProduct("lockstep"))
      prediction.arguments = ["predict", folder["run"], "-i", folder["many.csv"], "-o", folder["out.csv"]]
      prediction.standardError = FileHandle.nullDevice
      try prediction.run()
      func partial() -> [String] { folder.names().filter { $0.hasPrefix("out.csv.partial-") } }
      while prediction.isRunning, partial().isEmpty { usleep(1000) }
      kill(prediction.processIdentifier, SIGKILL)
      prediction.waitUntilExit()
      try #require(prediction.terminationReason == .uncaughtSignal && partial().count == 1, "it ended before the kill")
      let ended = try lockstep(["predict", folder["run"], "-i", folder["few.csv"], "-o", folder["out.csv"]])
      #expect(ended.code == 0 && folder.names() == (before + ["out.csv"]).sorted(), "\(ended.errors)")
    }

    /// What was there before stays, and nothing else is left.
    @Test func aFailedPredictionLeavesTheOutputAlone() throws {
      _ = try trainTwoClass()
      try folder.write("out.csv", "old")
      try folder.write("bad.csv", "x,y\n1,2\n1,two\n")
      try folder.write("good.csv", "x,y\n1,2\n")
      let before = folder.names()
      func predict(_ input: String, _ output: String) throws -> Ended {
        try lockstep(["predict", folder["run"], "-i", folder[input], "-o", folder[output]])
      }
      expectComplaint(65, "bad.csv:3: column 'y': expected a number, found 'two'", try predict("bad.csv", "out.csv"))
      expectComplaint(66, "no.csv: open: No such file or directory", try predict("no.csv", "out.csv"))
      expectComplaint(74, "expected a file to write, found a directory", try predict("good.csv", "run"))
      expectComplaint(
        74, "nowhere/out.csv: open: No such file or directory", try predict("good.csv", "nowhere/out.csv"))
      expectComplaint(64, "--output: expected another file than the input", try predict("good.csv", "good.csv"))
      #expect(try folder.text("out.csv") == "old" && folder.text("good.csv") == "x,y\n1,2\n")
      #expect(folder.names() == before)
    }

    @Test func inspects() throws {
      let recipe = try lockstep(["inspect", "two-class", "--set", "model.0.dense=5"])
      #expect(recipe.code == 0 && recipe.errors == "")
      #expect(recipe.output.contains("0      dense  5       15 (0.weight 5×2, 0.bias 5)"), "\(recipe.output)")
      #expect(recipe.output.contains("\nparameters: 27\n"))
      let images = try lockstep(["inspect", "fashion-mnist"])
      #expect(images.output.contains("\nparameters: 669,706\n"), "784·512 + 512 + 512·512 + 512 + 512·10 + 10")

      let found = try trainTwoClass()
      for path in ["run", "run/step-00000576"] {
        let ended = try lockstep(["inspect", folder[path]])
        #expect(ended.code == 0 && ended.output.contains("\nparameters: 82\n"))
        #expect(
          ended.output.contains("\n  features: x, y\n  classes: negative, positive\n  trained with instruction-set "))
        // 82 parameters in 4 buffers (gradient, and two of adam's), each slot at a multiple of 16 floats.
        #expect(ended.output.contains(#/ leaf: [0-9.]+ k?B for parameters/#))
        #expect(ended.output.hasSuffix("\ndigest \(found)\n") == (path == "run"))
      }
      let config = try lockstep(["inspect", folder["run/config.yaml"]])
      #expect(config.code == 0 && config.output.contains("\nparameters: 82\n"), "\(config.errors)")
      let slip = try lockstep(["inspect", "two-class", "--set", "model.0={dens: 3}"])
      expectComplaint(78, "found dens; did you mean dense?", slip)
    }

    @Test func missingModels() throws {
      try folder.write("file", "")
      for command in [["evaluate"], ["inspect"], ["predict", "-i", "a", "-o", "b"]] {
        // What is inspected may be a configuration as well.
        let message = command[0] == "inspect" ? "open: No such file or directory; check the path" : "no such checkpoint"
        expectComplaint(66, message, try lockstep(command + [folder["nowhere"]]))
        expectComplaint(66, "holds no checkpoint", try lockstep(command + [folder.path]))
      }
      expectComplaint(66, "file: expected a directory", try lockstep(["evaluate", folder["file"]]))
    }
  }
}
