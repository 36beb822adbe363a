import Foundation
import TestSupport
import Testing

extension ComparingCommandTests {
  /// `lockstep bench`: a short run of the real thing, and what it refuses.
  @Suite(.serialized) struct BenchTests {
    /// A short round, with `a.json`, and the allocations of a step of each case: the least of several rounds, as threads of
    /// MPI's helpers allocate at times of their own, on a busy machine within a step. What a step always does, it does in each.
    private func bench(_ arguments: [String], _ folder: Folder) throws -> (ended: Ended, allocations: [Double]) {
      var allocations: [Double] = []
      var rounds = 0
      while true {
        let ended = try lockstep(
          ["bench"] + arguments + ["--rounds", "1", "--seconds", "0.02", "--json", folder["a.json"]], deadline: 240)
        guard ended.code == 0 else { return (ended, []) }
        let found = try cases(folder).map { $0["allocations_per_step"] as? Double ?? -1 }
        allocations = allocations.isEmpty ? found : zip(allocations, found).map(min)
        rounds += 1
        if rounds == 12 || allocations.prefix(4).allSatisfy({ $0 == 0 }) { return (ended, allocations) }
      }
    }

    private func cases(_ folder: Folder) throws -> [[String: Any]] {
      let json = try JSONSerialization.jsonObject(with: Data(folder.text("a.json").utf8))
      return try #require(json as? [[String: Any]])
    }

    @Test func oneRankAndTwo() throws {
      let folder = try Folder()
      let (ended, allocations) = try bench(
        [
          "--models", "mlp,two-class", "--ranks", "1,2", "--reduction", "canonical,native", "--csv", folder["a.csv"],
          "--svg", folder["a.svg"],
        ], folder)
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(lines(ended.output).count == 1 + 8 && lines(ended.output)[0].hasPrefix("model"))
      #expect(lines(ended.errors).count == 8 && lines(ended.errors).allSatisfy { $0.hasPrefix("round 1/1: ") })
      #expect(folder.names() == ["a.csv", "a.json", "a.svg"])

      let cases = try cases(folder)
      func numbers(_ key: String) -> [Double] { cases.map { $0[key] as? Double ?? -1 } }
      let (models, reductions) = (cases.map { $0["model"] as? String }, cases.map { $0["reduction"] as? String })
      #expect(models == ["mlp", "mlp", "mlp", "mlp", "two-class", "two-class", "two-class", "two-class"])
      #expect(numbers("ranks") == [1, 1, 2, 2, 1, 1, 2, 2])
      #expect(reductions == (0..<8).map { $0 % 2 == 0 ? "canonical" : "native" })
      #expect(numbers("batch") == [128, 128, 256, 256, 64, 64, 128, 128])
      for key in ["samples_per_second", "step_seconds", "flop_share", "peak_memory_bytes", "first_step_seconds"] {
        #expect(numbers(key).allSatisfy { $0 > 0 }, "\(key)")
      }
      // A step allocates nothing: neither Lockstep nor Swift's libraries for it.
      #expect(allocations.prefix(4) == [0, 0, 0, 0])
      // The ranks of one host share memory; the native reduction goes by messages.
      let gradient = 2.0 * 669_712 * 4
      let bytes: [Double] = [0, 0, 112, 112 + gradient]
      let messages: [Double] = [0, 0, 2, 14]
      let shared: [Double] = [0, 0, gradient, 0]
      #expect(Array(numbers("messages_per_step").prefix(4)) == messages)
      #expect(Array(numbers("bytes_per_step").prefix(4)) == bytes)
      #expect(Array(numbers("shared_bytes_per_step").prefix(4)) == shared)
    }

    /// Convolutions and attention allocate nothing in a step either; a text is counted in tokens.
    @Test func imagesAndTexts() throws {
      let folder = try Folder()
      let (ended, allocations) = try bench(["--models", "cnn,gpt", "--ranks", "1"], folder)
      #expect(ended.code == 0, "\(ended.errors)")
      let cases = try cases(folder)
      #expect(cases.map { $0["unit"] as? String } == ["samples", "tokens"])
      #expect(allocations == [0, 0])
    }

    /// Neither do recurrent layers with losses between them, nor augmentations of every sort.
    @Test func recurrentLayersAndAugmentations() throws {
      let folder = try Folder()
      let recurrent = try folder.write(
        "recurrent.yaml",
        """
        data: {noise-text: {count: 128, length: 16, vocabulary: 64}}
        standardise: none
        model:
        - embedding: {vocabulary: 64, width: 32}
        - lstm: {units: 32, layers: 2, dropout: 0.1}
        - gru: {units: 32, bidirectional: true}
        - dense: 64
        optimizer: {lion: 0.0001}
        batch: 32
        micro-batch: 8
        """)
      let augmented = [
        "--set", "augment=[random-crop, flip, rotate, affine, blur, colour-jitter, rand-augment, cut-out, mixup]",
        "--set", "batch=64", "--set", "micro-batch=16",
      ]
      for arguments in [[recurrent], ["fashion-mnist"] + augmented] {
        let (ended, allocations) = try bench(["--ranks", "1", "--models"] + arguments, folder)
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(allocations == [0])
      }
    }

    /// The settings reach the ranks, and stand in the results.
    @Test func otherSettings() throws {
      let folder = try Folder()
      let ended = try lockstep(
        [
          "bench", "--ranks", "2", "--rounds", "1", "--seconds", "0.02", "--set", "instruction-set=plain", "--set",
          "batch=64", "--set", "micro-batch=32", "--json", folder["a.json"],
        ], deadline: 240)
      #expect(ended.code == 0, "\(ended.errors)")
      let json = try JSONSerialization.jsonObject(with: Data(folder.text("a.json").utf8))
      let only = try #require((json as? [[String: Any]])?.first)
      #expect(only["instruction_set"] as? String == "plain" && only["batch"] as? Int == 128)
      #expect(only["settings"] as? String == "instruction-set=plain batch=64 micro-batch=32")
      expectComplaint(78, "did you mean epochs?", try lockstep(["bench", "--set", "epoch=3"]))
    }

    /// Where every byte moves by messages, sent during backward too.
    @Test func messagesAllocateNothing() throws {
      let folder = try Folder()
      let model = try folder.write(
        "model.yaml",
        """
        data:
          noise: {shape: [64], classes: 10, count: 1024}
        model: [dense: 600, relu, dense: 600, relu, dense: 10]
        batch: 64
        micro-batch: 16
        bucket-size: 65536
        shared-memory: false
        overlap: always
        """)
      let (ended, allocations) = try bench(["--models", model, "--ranks", "2,3"], folder)
      #expect(ended.code == 0, "\(ended.errors)")
      let cases = try cases(folder)
      #expect(allocations == [0, 0])
      #expect(cases.allSatisfy { $0["messages_per_step"] as? Double ?? 0 > 10 })
    }

    @Test func allreduces() throws {
      let folder = try Folder()
      let ended = try lockstep(
        ["bench", "allreduce", "--ranks", "2", "--rounds", "1", "--json", folder["a.json"], "--svg", folder["a.svg"]],
        deadline: 240)
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(lines(ended.output).count == 1 + 16)
      let json = try JSONSerialization.jsonObject(with: Data(folder.text("a.json").utf8))
      let sums = try #require(json as? [[String: Any]])
      #expect(Set(sums.compactMap { $0["bytes"] as? Int }) == Set((11...26).map { 1 << $0 }))
      #expect(sums.count == 3 * 16 && sums.allSatisfy { $0["busbw_bytes_per_second"] as? Double ?? 0 > 0 })
      #expect(try folder.text("a.svg").hasPrefix("<svg "))
      expectComplaint(64, "--ranks: expected at least 2 ranks", try lockstep(["bench", "allreduce", "--ranks", "1,2"]))
    }

    @Test(arguments: [
      (["--models", "mpl"], 66, "mpl: there is no such recipe or file; did you mean mlp?"),
      (["--ranks", "0"], 64, "--ranks: expected a number from 1 to 16777216, found 0"),
      (["--ranks", "1,two"], 64, "--ranks: expected numbers separated by commas, such as 1,2,4, found 'two'"),
      (["--models", "mlp,"], 64, "--models: expected words separated by commas, found 'mlp,'"),
      (["--reduction", "fast"], 64, "--reduction: expected canonical or native, found fast"),
      (["--batch", "100"], 64, "mlp: expected a batch of whole micro-batches of 64 samples, found a batch of 100"),
      (["--seconds", "0"], 64, "--seconds: expected more than 0"),
      (["--rounds", "0"], 64, "--rounds: expected a number"),
      (["--json", "/nowhere/a.json"], 74, "/nowhere/a.json: write: No such file or directory"),
      (["--hostfile", "/nowhere/hosts"], 66, "/nowhere/hosts: expected a hostfile, found none"),
    ])
    func refusals(arguments: [String], code: Int32, message: String) throws {
      expectComplaint(code, message, try lockstep(["bench"] + arguments))
    }

    @Test func surroundings() throws {
      let missing = try lockstep(["bench"], environment: ["PATH": "/nowhere"])
      expectComplaint(69, "mpirun is not in PATH, and several ranks were asked for; install Open MPI", missing)
      let inside = try lockstep(["bench"], environment: ["OMPI_COMM_WORLD_SIZE": "2"])
      expectComplaint(64, "a benchmark starts mpirun itself", inside)
    }

    /// A rank that cannot go on says why, and the benchmark ends with its code.
    @Test func aRankThatFails() throws {
      let folder = try Folder()
      let file = try folder.write(
        "run.yaml", "data: {csv: {train: \(folder["missing.csv"])}}\nmodel: [{dense: 2}]\nbatch: 8\nmicro-batch: 8\n")
      let ended = try lockstep(["bench", "--models", file, "--ranks", "1", "--rounds", "1"])
      #expect(ended.code == 66, "\(ended.errors)")
      #expect(complaints(ended).count == 2 && complaints(ended)[0].contains("missing.csv"), "\(ended.errors)")
      #expect(complaints(ended)[1].hasSuffix("the ranks ended with exit code 66; see their message above"))
    }
  }
}
