import Foundation
import TestSupport
import Testing

extension ComparingCommandTests {
  /// mpirun starts ranks with command lines of their own: what all must have alike is compared before anything else.
  @Suite(.serialized) struct MixedJobTests {
    let folder: Folder

    init() throws {
      folder = try Folder()
      try folder.write(
        "my.yaml",
        """
        data: {two-class: {train: 256, test: 64}}
        model: [{dense: 4}, relu, {dense: 2}]
        loss: {cross-entropy: {label-smoothing: 0.1}}
        optimizer: {adam: {learning-rate: 0.01}}
        epochs: 1
        batch: 64
        micro-batch: 16

        """)
    }

    /// A job of two ranks, each with arguments of its own.
    private func mixed(_ first: [String], _ second: [String]) throws -> Ended {
      let program = try builtProduct("lockstep")
      let words = launch(1) + [program] + first + [":", "-np", "1", program] + second
      return withoutCrowding(try run("mpirun", words, directory: folder.path, deadline: 60))
    }

    /// A program in which one byte of a text differs is another one; a copy is the same.
    @Test(arguments: [nil, "Trains neural networks in lockstep"])
    func anotherProgram(patched: String?) throws {
      var bytes = try Data(contentsOf: URL(fileURLWithPath: builtProduct("lockstep")))
      if let patched {
        let place = try #require(bytes.range(of: Data(patched.utf8)))
        bytes[place.lowerBound] ^= 1
      }
      let copy = try folder.writeProgram("lockstep", Array(bytes))
      let arguments = ["train", "my.yaml", "-q", "-o", "run"]
      let words = launch(1) + [try builtProduct("lockstep")] + arguments + [":", "-np", "1", copy] + arguments
      let ended = withoutCrowding(try run("mpirun", words, directory: folder.path, deadline: 60))
      if patched == nil {
        #expect(ended.code == 0, "\(ended.errors)")
      } else {
        expectComplaint(69, "expected the same program as rank 0 on ", ended)
        #expect(!folder.exists("run"))
      }
    }

    /// Each of them changed bits in silence, hung, or ended in an error of MPI's.
    @Test(arguments: [
      ("seed=2", "seed: expected 1, as rank 0 has it, found 2"),
      (
        "optimizer.adam.learning-rate=0.02", "optimizer.adam.learning-rate: expected 0.01, as rank 0 has it, found 0.02"
      ),
      (
        "loss.cross-entropy.label-smoothing=0.2",
        "loss.cross-entropy.label-smoothing: expected 0.1, as rank 0 has it, found 0.2"
      ),
      ("standardise=none", "standardise: expected feature, as rank 0 has it, found none"),
      ("model=[{dense: 4}, tanh, {dense: 2}]", "model.1: expected relu, as rank 0 has it, found tanh"),
      ("batch=32", "batch: expected 64, as rank 0 has it, found 32"),
      ("micro-batch=32", "micro-batch: expected 16, as rank 0 has it, found 32"),
      ("clip-norm=1", "clip-norm: expected null, as rank 0 has it, found 1.0"),
      ("epochs=3", "epochs: expected 1, as rank 0 has it, found 3"),
      (
        "optimizer={sgd: {learning-rate: 0.01}}",
        "optimizer.adam.learning-rate: expected 0.01, as rank 0 has it, found none"
      ),
      ("reduction=native", "reduction: expected canonical, as rank 0 has it, found native"),
      ("shared-memory=false", "shared-memory: expected true, as rank 0 has it, found false"),
      ("watchdog=0", "watchdog: expected 300.0, as rank 0 has it, found 0.0"),
      ("check-collectives=true", "check-collectives: expected false, as rank 0 has it, found true"),
      ("data.two-class.train=128", "data.two-class.train: expected 256, as rank 0 has it, found 128"),
    ])
    func anotherSetting(setting: String, message: String) throws {
      let plain = ["train", "my.yaml", "-q", "-o", "run"]
      let ended = try mixed(plain, plain + ["--set", setting])
      expectComplaint(64, message, ended)
      #expect(ended.errors.contains("rank 1 on "), "\(ended.errors)")
      #expect(!folder.exists("run"))
    }

    @Test(arguments: [
      (
        ["train", "my.yaml", "-o", "a"], ["train", "my.yaml", "-o", "b"],
        "--output: expected a, as rank 0 has it, found b"
      ),
      (["train", "my.yaml", "-o", "a"], ["train", "you.yaml", "-o", "a"], "<recipe-or-file>: expected my.yaml"),
      (
        ["train", "my.yaml"], ["train", "my.yaml", "--resume"], "--resume: expected none, as rank 0 has it, found given"
      ),
      (["train", "my.yaml", "-q"], ["train", "my.yaml"], "--quiet: expected given, as rank 0 has it, found none"),
      (["train", "my.yaml"], ["doctor", "my.yaml"], "<subcommand>: expected train, as rank 0 has it, found doctor"),
      (["train", "my.yaml"], ["evaluate", "run"], "<subcommand>: expected train, as rank 0 has it, found evaluate"),
      (["audit", "run"], ["train", "my.yaml"], "<subcommand>: expected audit, as rank 0 has it, found train"),
      (["evaluate", "run"], ["evaluate", "other"], "<checkpoint>: expected run, as rank 0 has it, found other"),
      (
        ["evaluate", "run"], ["evaluate", "run", "--data", "a"], "--data: expected none, as rank 0 has it, found given"
      ),
      (["audit", "run"], ["audit", "run", "--micro-batches", "2"], "--micro-batches: expected none"),
      (["doctor", "my.yaml"], ["doctor"], "<recipe-or-file>: expected my.yaml, as rank 0 has it, found none"),
      (["train", "my.yaml"], ["inspect", "my.yaml"], "<subcommand>: expected train, as rank 0 has it, found inspect"),
      (["train", "my.yaml"], ["verify", "my.yaml"], "<subcommand>: expected train, as rank 0 has it, found verify"),
      (["predict", "run", "-i", "a", "-o", "b"], ["generate", "run"], "<subcommand>: expected predict"),
    ])
    func anotherCommand(first: [String], second: [String], message: String) throws {
      let ended = try mixed(first, second)
      expectComplaint(64, message, ended)
      #expect(folder.names("").sorted() == ["my.yaml"])
    }

    /// How long to wait is rank zero's business as well.
    @Test(arguments: ["watchdog=0", "batch=32"])
    func aDoctorWithAnotherSetting(setting: String) throws {
      let ended = try mixed(["doctor", "my.yaml"], ["doctor", "my.yaml", "--set", setting])
      #expect(ended.code == 69, "\(ended)")
      #expect(ended.output.contains(", as rank 0 has it, found "), "\(ended)")
    }

    /// A fault that one rank alone injects is another computation.
    @Test func anotherEnvironment() throws {
      let program = try builtProduct("lockstep")
      let train = [program, "train", "my.yaml", "-q", "-o", "run"]
      let words = launch(1) + train + [":", "-np", "1", "env", "LOCKSTEP_FAULT=flip-leaf:rank=1:step=1"] + train
      let ended = try run("mpirun", words, directory: folder.path, deadline: 60)
      expectComplaint(64, "LOCKSTEP_FAULT: expected none, as rank 0 has it, found flip-leaf:rank=1:step=1", ended)
    }

    /// Commands that work alone say so, instead of doing the same work several times, or starting an mpirun inside of one.
    @Test(arguments: [
      ["inspect", "my.yaml"], ["verify", "my.yaml"], ["launch", "-n", "2", "--", "train", "x"],
    ])
    func commandsThatWorkAlone(command: [String]) throws {
      let ended = try run(
        "mpirun", launch(2) + [try builtProduct("lockstep")] + command, directory: folder.path, deadline: 60)
      expectComplaint(64, "2 processes were started to do the same work; start it without mpirun", ended)
    }

    /// Hosts have cores of their own, and files in places of their own: the same bits all the same.
    @Test func whatIsAHostsBusinessMayDiffer() throws {
      let rows = (0..<64).map { "\(Float($0) / 64),\($0 % 7),\($0 % 2 == 0 ? "even" : "odd")\n" }.joined()
      for name in ["a.csv", "b.csv"] { try folder.write(name, "x,y,class\n" + rows) }
      func train(_ data: String, _ lanes: Int) -> [String] {
        [
          "train", "my.yaml", "-q", "-o", "run", "--set", "data={csv: {train: \(data), target: class}}", "--set",
          "lanes=\(lanes)",
        ]
      }
      let ended = try mixed(train("a.csv", 1), train("b.csv", 2))
      #expect(ended.code == 0, "\(ended.errors)")
      let alone = try run(
        try builtProduct("lockstep"), train("a.csv", 1).map { $0 == "run" ? "alone" : $0 }, directory: folder.path,
        deadline: 60)
      #expect(lines(ended.output).last == lines(alone.output).last && alone.code == 0, "\(alone.errors)")
    }
  }
}
