import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// The command line itself, and what it prints.
  @Suite(.serialized) struct UsageTests {
    @Test func helpAndVersion() throws {
      let help = try lockstep(["--help"])
      #expect(help.code == 0 && help.errors == "")
      for word in ["train", "evaluate", "predict", "inspect", "Exit codes: 0 done, 64 usage"] {
        #expect(help.output.contains(word))
      }
      #expect(try lockstep(["help", "train"]).output.contains("--resume"))
      for command in ["train", "evaluate", "predict", "inspect", "bench"] {
        let ended = try lockstep([command, "--help"])
        #expect(ended.code == 0 && ended.output.contains("USAGE: lockstep \(command)"))
      }
      #expect(try lockstep(["train", "--help"]).output.contains("Recipes: accidents, breast-cancer, char-gpt, "))
      let exits = "Exit codes: 0 done, 64 usage, 65 bad data, 66 missing input,\n69 unavailable"
      #expect(help.output.contains(exits), "lines that 80 columns do not break once more")
      let version = try lockstep(["--version"])
      #expect(version.code == 0 && version.output.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
    }

    @Test(arguments: [
      ["train"], ["train", "two-class", "--bogus"], ["trian", "two-class"], ["train", "two-class", "--set"],
      ["train", "two-class", "extra"], ["train", "two-class", "--output", ""], ["evaluate"],
      ["train", ""], ["evaluate", ""], ["evaluate", "run", "--data", ""],
      ["evaluate", "run", "--labels", "a"], ["inspect", ""], ["predict", "run", "-i", "", "-o", "b"],
      ["predict", "run", "-i", "a", "-o", ""], ["predict", "run"], ["predict", "run", "-i", "a"], ["inspect"],
      ["kinds", ""], ["train", "two-class", "--memory", "1g"], ["prepare", "a.yaml", "--memory", "0"],
    ])
    func misuse(arguments: [String]) throws {
      let ended = try lockstep(arguments)
      #expect(ended.code == 64, "\(ended.errors)")
      #expect(ended.output == "")
      #expect(ended.errors.hasPrefix("Error: "))
    }

    @Test func memoryIsThatOfATable() throws {
      expectComplaint(
        64, "--memory: expected data that are a table, found two-class; leave it out",
        try lockstep(["train", "two-class", "--memory", "9"]))
      for command in ["train", "prepare"] {
        #expect(try lockstep([command, "--help"]).output.contains("--memory <mib>"))
      }
    }

    /// What somebody meant who knows other programs.
    @Test(arguments: [
      (["train", "two-class", "--epochs", "5"], "'--epochs'; settings are given by --set: --set epochs=5\n"),
      (["train", "two-class", "--batch=32"], "'--batch'; settings are given by --set: --set batch=32\n"),
      (["train", "two-class", "--learning-rate", "0.1"], "--set optimizer.adam.learning-rate=0.1\n"),
      (["train", "--momentum", "0.9", "two-class", "--set", "optimizer=sgd"], "Unknown option '--momentum'"),
      (["train", "fashion-mnist", "--warmup", "9"], "--set schedule.cosine.warmup=9\n"),
      (["train", "two-class", "--epoch", "5"], "'--epoch'; settings are given by --set: --set epochs=5\n"),
      (["train", "two-class", "--resum"], "Unknown option '--resum'. Did you mean '--resume'?\n"),
      (["train", "two-class", "epochs=5"], "Unexpected argument 'epochs=5'; did you mean --set epochs=5?\n"),
      (["launch", "-n", "2", "--", "train", "two-class", "--epochs", "5"], "--set epochs=5\n"),
      (["trian", "two-class"], "Error: 2 unexpected arguments: 'trian', 'two-class'; did you mean lockstep train?\n"),
      (["two-class"], "Error: Unexpected argument 'two-class'; did you mean lockstep train two-class?\n"),
      (["generate", "run", "--length", "-1"], "Error: --length must be in 0...1000000, found -1\n"),
      (["generate", "run", "--temperature", "-.5"], "found -0.5\n"),
      (["launch", "-n", "-2", "--", "train", "two-class"], "found -2\n"),
    ])
    func hints(arguments: [String], hint: String) throws {
      let ended = try lockstep(arguments)
      #expect(ended.code == 64 && ended.output == "")
      #expect(ended.errors.hasPrefix("Error: ") && ended.errors.contains(hint), "\(ended.errors)")
    }

    @Test func kinds() throws {
      let all = try lockstep(["kinds"])
      #expect(all.code == 0 && all.errors == "")
      for word in ["softmax", "reshape", "leaky-relu", "  slope ", "class-weights", "checkpoint-every"] {
        #expect(all.output.contains(word), "\(word)")
      }
      let one = try lockstep(["kinds", "sgd", "--json"]).output
      let roles = try #require(JSONSerialization.jsonObject(with: Data(one.utf8)) as? [[String: Any]])
      #expect(roles.count == 1 && roles[0]["role"] as? String == "optimizer")
      expectComplaint(64, "sdg: there is no such role or kind; did you mean sgd?", try lockstep(["kinds", "sdg"]))
    }

    /// mpirun reports the code, and no rank waits for another.
    @Test func misuseUnderMpirun() throws {
      #expect(try lockstep(["train", "two-class", "--bogus"], ranks: 2, deadline: 30).code == 64)
    }

    /// Plain lines where there is no terminal: no bar, no carriage returns.
    @Test(arguments: [nil, 2])
    func plainOutput(ranks: Int?) throws {
      let folder = try Folder()
      let ended = try lockstep(["train", "two-class", "-o", folder["run"], "--set", "epochs=2"], ranks: ranks)
      #expect(ended.code == 0 && ended.errors == "")
      #expect(!ended.output.contains("\r") && !ended.output.contains("█"))
      // How lanes came to work is told whenever they have found out.
      let lines = lines(ended.output).filter { !$0.contains(" ms a step") }
      #expect(lines[0].hasPrefix("two-class: 4,096 samples of 2, 82 parameters, \(ranks ?? 1) rank"))
      #expect(lines[1] == "2 epochs of 64 steps, batch 64 in micro-batches of 16")
      for epoch in 1...2 {
        #expect(
          lines[1 + epoch].wholeMatch(
            of: #/epoch [12]/2: loss [0-9.]+, test loss [0-9.]+, accuracy 0\.9[0-9]+, [0-9,]+ samples/s/#) != nil,
          "\(lines[1 + epoch])")
      }
      expectTable(lines.dropFirst(4))
    }

    @Test(arguments: [nil, 2])
    func quietOutputIsTheTableAndTheDigest(ranks: Int?) throws {
      let folder = try Folder()
      let ended = try lockstep(["train", "two-class", "-q", "-o", folder["run"], "--set", "epochs=1"], ranks: ranks)
      #expect(ended.code == 0 && ended.errors == "")
      expectTable(lines(ended.output)[...])
    }

    /// A job script that runs once more after the last step gets the same table of metrics.
    @Test func aRunThatIsDoneIsMeasuredAgain() throws {
      let folder = try Folder()
      let settings = ["train", "two-class", "-q", "-o", folder["run"], "--set", "epochs=1"]
      let first = try lines(lockstep(settings).output)
      let again = try lockstep(settings + ["--resume"], ranks: 2)
      #expect(again.code == 0 && again.errors == "")
      let scores = first.filter { $0.hasPrefix("test ") }.map { $0.replacing(" ", with: "") }
      #expect(lines(again.output).filter { $0.hasPrefix("test ") }.map { $0.replacing(" ", with: "") } == scores)
      #expect(scores.count == 5 && lines(again.output).last == first.last)
    }

    private func expectTable(_ lines: ArraySlice<String>, sourceLocation: SourceLocation = #_sourceLocation) {
      let rows = Array(lines)
      let names = rows.map { $0.split(separator: "  ").first.map(String.init) ?? "" }
      let expected = [
        "test loss", "test accuracy", "test precision", "test recall", "test f1", "samples per second", "training time",
        "beside training", "checkpoint", "page",
      ]
      #expect(Array(names.dropFirst().dropLast(2)) == expected, sourceLocation: sourceLocation)
      for share in ["compute", "lanes waiting", "communication", "waiting"] {
        let isShown = rows.contains { $0.hasPrefix("training time") && $0.contains("\(share) ") }
        #expect(isShown, "\(share)", sourceLocation: sourceLocation)
      }
      #expect(rows.last?.wholeMatch(of: #/digest sha256:[0-9a-f]{64}/#) != nil, sourceLocation: sourceLocation)
    }

    /// What a program sees that srun started without speaking its MPI: it is alone, many times over.
    @Test func aLonelyTaskOfAScheduler() throws {
      let folder = try Folder()
      let slurm = ["SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0"]
      let other = ["PMI_SIZE": "2", "PMI_RANK": "0"]
      for (environment, cure) in [(slurm, "start it with srun --mpi=pmix"), (other, "start it with the mpirun of ")] {
        let ended = try lockstep(["train", "two-class", "-o", folder["run"]], environment: environment)
        expectComplaint(69, cure, ended)
        #expect(complaints(ended)[0].contains("but the MPI world of this one has size 1"))
        #expect(!folder.exists("run"))
      }
      // A batch script is one process, whatever its job may start; mpirun inside of it is told by mpirun.
      let script = ["SLURM_NTASKS": "4", "SLURM_PROCID": "0"]
      let settings = ["train", "two-class", "-q", "--set", "epochs=1", "-o"]
      #expect(try lockstep(settings + [folder["a"]], environment: script).code == 0)
    }
  }
}
