import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What the doctor finds of real jobs: faults that are made here, with place and cure.
  @Suite(.serialized) struct DoctorTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    private func doctor(_ arguments: [String], ranks: Int? = nil) throws -> Ended {
      try lockstep(["doctor"] + arguments, ranks: ranks)
    }

    private func findings(_ ended: Ended) -> [String] {
      lines(ended.output).filter { $0.hasPrefix("grave: ") || $0.hasPrefix("warning: ") }
    }

    @Test(arguments: [nil, 2])
    func aHealthyJob(ranks: Int?) throws {
      let ended = try doctor(["two-class", "-o", folder["run"]], ranks: ranks)
      #expect(ended.code == 0 && ended.errors == "", "\(ended)")
      let lines = lines(ended.output)
      #expect(lines[0].contains(#/^[12] ranks? on 1 host, Open MPI v[0-9.]+, [a-z0-9]+$/#), "\(lines)")
      #expect(lines.contains { $0.contains(#/^barrier [0-9]+ µs, gathering [0-9]+ MB\/s a rank$/#) } == (ranks == 2))
      #expect(
        lines.contains { $0.contains(#/^messages: [a-z0-9]+ over .*vader \(single copy: [a-z]+\)/#) } == (ranks == 2),
        "\(lines)")
      #expect(!folder.exists("run"), "it looks, and leaves nothing behind")
      try #require(findings(ended) == [] || ProcessInfo.processInfo.processorCount == 1, "\(ended.output)")
    }

    /// Two ranks that mpirun was given one core for: told by the doctor, and by every start of a training.
    @Test func ranksThatShareACore() throws {
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let core = try #require(status.firstMatch(of: #/Cpus_allowed_list:\s*([0-9]+)/#).map { String($0.1) })
      let program = try builtProduct("lockstep")
      func crowded(_ arguments: [String]) throws -> Ended {
        try run("taskset", ["-c", core, "mpirun"] + launch(2) + [program] + arguments, deadline: 60)
      }
      let told = try crowded(["doctor"])
      #expect(told.code == 0)
      #expect(findings(told).count == 1 && findings(told)[0].contains(": 2 lanes on 1 core: "), "\(told)")
      let trained = try crowded(["train", "two-class", "-q", "--set", "epochs=1", "-o", folder["run"]])
      #expect(trained.code == 0)
      #expect(lines(trained.errors).count == 1, "\(trained.errors)")
      #expect(trained.errors.contains(#/^note: [^ ]+: 2 lanes on 1 core: .*start fewer ranks/#), "\(trained.errors)")
    }

    /// Each rank in a folder of its own: one lacks the data, or has others.
    @Test(arguments: [nil, "x,y,class\n1,2,a\n-1,-3,b\n"])
    func dataThatOneRankLacksOrHasOtherwise(text: String?) throws {
      let table = "x,y,class\n1,2,a\n-1,-2,b\n"
      for rank in 0..<3 {
        try FileManager.default.createDirectory(atPath: folder["\(rank)"], withIntermediateDirectories: true)
        if let text = rank == 1 ? text : table { try folder.write("\(rank)/here.csv", text) }
      }
      let script = try folder.write(
        "start.sh",
        """
        cd "$1/$OMPI_COMM_WORLD_RANK" || exit 1
        exec "$2" doctor two-class --set "data={csv: {train: $PWD/here.csv}}" --set lanes=1 --output "$1/run"

        """)
      let ended = try run(
        "mpirun", launch(3) + ["sh", script, folder.path, try builtProduct("lockstep")], deadline: 60)
      #expect(ended.code == 69, "\(ended)")
      let grave = findings(ended).filter { $0.hasPrefix("grave: ") }
      #expect(grave.count == 1 && grave[0].contains(", rank 1: "), "\(ended.output)")
      let reason = text == nil ? "here.csv: open: No such file" : "the data are not those of the other hosts"
      #expect(grave[0].contains(reason), "\(grave)")
    }

    @Test(arguments: [nil, 2])
    func aConfigurationAtFault(ranks: Int?) throws {
      let ended = try doctor(["two-class", "--set", "bach=1"], ranks: ranks)
      #expect(ended.code == 69)
      #expect(findings(ended).count == 1, "\(ended)")
      #expect(findings(ended).first?.contains("bach: unknown key; did you mean batch?") == true)
    }

    @Test func aRunDirectoryThatCannotBeWritten() throws {
      try folder.write("file", "")
      let ended = try doctor(["--output", folder["file/run"]])
      #expect(ended.code == 69)
      #expect(findings(ended).first?.contains("the run directory \(folder["file/run"]) cannot be written") == true)
    }

    @Test func aFullDisk() throws {
      try folder.withFileSystem(options: "size=4m") { mount in
        let large = ["two-class", "--set", "model=[dense: 1000, relu, dense: 1000, relu, dense: 2]"]
        let grave = try doctor(large + ["-o", "\(mount)/run"])
        #expect(grave.code == 69 && findings(grave)[0].contains("4 MB are free for the run directory "), "\(grave)")
        let small = ["two-class", "--set", "model=[dense: 200, relu, dense: 400, relu, dense: 2]"]
        let warning = try doctor(small + ["-o", "\(mount)/run", "--set", "keep-checkpoints=9"])
        #expect(warning.code == 0 && findings(warning).count == 1, "\(warning)")
      }
    }

    /// Two hosts of two ranks: what each is, as a program reads it.
    @Test func severalHosts() throws {
      guard let cluster = try VirtualCluster(hosts: 2, slots: 2) else { return }
      let ended = try cluster.run([try builtProduct("lockstep"), "doctor", "--json"], deadline: 60)
      #expect(ended.code == 0, "\(ended)")
      let report = try #require(try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any])
      let ranks = try #require(report["ranks"] as? [[String: Any]])
      #expect(ranks.map { $0["host"] as? String } == ["node1", "node2", "node1", "node2"])
      #expect(ranks.map { $0["rank"] as? Int } == [0, 1, 2, 3])
      #expect(ranks.allSatisfy { $0["readsNeighbour"] as? Bool == true }, "the superuser may read all memory")
      let addresses = ranks.map { ($0["interfaces"] as? [[String: Any]])?.first?["address"] as? String }
      #expect(addresses == ["10.99.0.1", "10.99.0.2", "10.99.0.1", "10.99.0.2"])
      #expect(((report["pace"] as? [String: Any])?["rate"] as? Double ?? 0) > 1e6)
      #expect(report["findings"] is [Any])
    }

    /// /dev/shm is each host's own, the folder of the test is everybody's.
    @Test func aRunDirectoryThatHostsDoNotShare() throws {
      guard let cluster = try VirtualCluster(hosts: 2, slots: 2) else { return }
      func examine(_ directory: String) throws -> [String] {
        let program = try builtProduct("lockstep")
        return findings(try cluster.run([program, "doctor", "--output", directory], deadline: 60))
      }
      let found = try examine("/dev/shm/runs/a")
      #expect(
        found.contains {
          $0.hasPrefix("warning: node2, ranks 1 and 3: the run directory /dev/shm/runs/a is not the one")
        },
        "\(found)")
      #expect(try !examine(folder["run"]).contains { $0.contains("is not the one that rank 0 writes") })
      #expect(folder.names() == [], "it leaves nothing behind")
    }

    @Test(arguments: [["--set", "a=1"], ["two-class", "--output", ""], [""], ["a", "b"]])
    func misuse(arguments: [String]) throws {
      let ended = try doctor(arguments)
      #expect(ended.code == 64 && ended.output == "" && ended.errors.hasPrefix("Error: "), "\(ended)")
    }
  }
}
