import Foundation
import TestSupport
import Testing

extension DisturbedCommandTests {
  /// Several hosts, with TCP between them.
  @Suite(.serialized) struct ClusterTests {
    /// Clipping, an odd number of leaves and an incomplete last batch.
    private static let recipe = [
      "two-class", "--set", "data.two-class.train=1003", "--set", "batch=112", "--set", "clip-norm=0.1", "--set",
      "epochs=3",
    ]

    /// One rank a host and two, on two hosts and three: the same bits as alone.
    @Test(arguments: trials((2, 2), (2, 1), (3, 1)))
    func theDigestIsThatOfOneRank(hosts: Int, slots: Int) throws {
      guard let cluster = try VirtualCluster(hosts: hosts, slots: slots) else { return }
      let folder = try Folder()
      let expected = try digest(Self.recipe + ["-q", "-o", folder["alone"]])
      let program = try builtProduct("lockstep")
      let ended = try cluster.run([program, "train"] + Self.recipe + ["-o", folder["run"]], deadline: 120)
      #expect(ended.code == 0, "\(ended.errors)")
      #expect(lines(ended.output).first?.contains("\(hosts * slots) ranks") == true)
      #expect(lines(ended.output).last == "digest \(expected)")
    }

    /// Over a slow network both ways are tried, one is kept and said; the bits are those of one rank either way.
    @Test func sendingDuringBackwardBetweenHosts() throws {
      guard let cluster = try VirtualCluster(hosts: 3) else { return }
      #expect(try cluster.script(["limit", "200mbit"]).code == 0)
      let folder = try Folder()
      let recipe = [
        "two-class", "--set", "model=[dense: 512, relu, dense: 512, relu, dense: 512, relu, dense: 2]",
        "--set", "data.two-class.train=3000", "--set", "epochs=1", "--set", "bucket-size=32768",
      ]
      let expected = try digest(recipe + ["-q", "-o", folder["alone"]])
      let program = try builtProduct("lockstep")
      for overlap in ["auto", "always", "never"] {
        let ended = try cluster.run(
          [program, "train"] + recipe + ["--set", "overlap=\(overlap)", "-o", folder[overlap]], deadline: 120)
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(lines(ended.output).last == "digest \(expected)", "\(overlap)")
        // Which way it chose depends on the machine; that it says so does not.
        #expect(lines(ended.output).contains { $0.hasPrefix("gradients are sent ") } == (overlap == "auto"))
      }
      #expect(try cluster.script(["limit", "none"]).code == 0)
    }

    /// A cluster is one of hosts that fail: what is cut off or killed does not answer, and comes back.
    @Test func hostsAreCutHealedKilledAndStarted() throws {
      guard let cluster = try VirtualCluster(hosts: 2) else { return }
      func words() throws -> [String] {
        try lines(cluster.script(["status"]).output).map { String($0.split(separator: " ").last!) }
      }
      #expect(try words() == ["up", "up", "up"])
      #expect(try cluster.run(["hostname"], deadline: 60).output.split(separator: "\n").sorted() == ["node1", "node2"])

      try cluster.script(["cut", "node2"])
      #expect(try words() == ["up", "up", "cut"])
      let cut = try cluster.run(["hostname"], deadline: 60)
      #expect(cut.code != 0 && cut.errors.contains("node2 does not answer"))
      try cluster.script(["heal", "node2"])
      #expect(try cluster.run(["true"], deadline: 60).code == 0)

      func hears(_ host: String, _ other: String) throws -> Bool {
        let name = ["node1": "10.99.0.1", "node2": "10.99.0.2", "head": "10.99.0.254"][other]!
        // Whoever hears refuses the connection, as nobody listens at that port.
        let call = "exec 3<>/dev/tcp/\(name)/9"
        return try cluster.script(["on", host, "timeout", "2", "bash", "-c", call]).code == 1
      }
      #expect(try hears("node1", "node2"))
      try cluster.script(["cut", "node1", "node2"])
      #expect(try !hears("node1", "node2") && !hears("node2", "node1"))
      #expect(try hears("head", "node1") && hears("node2", "head"))
      #expect(try words() == ["up", "up", "up"])
      try cluster.script(["heal", "node2", "node1"])
      #expect(try hears("node1", "node2") && hears("node2", "node1"))

      try cluster.script(["kill", "node2"])
      #expect(try words() == ["up", "up", "dead"])
      #expect(try cluster.script(["on", "node2", "true"]).code == 69)
      #expect(try cluster.script(["up", "2"]).code == 0)
      #expect(try cluster.run(["true"], deadline: 60).code == 0)

      #expect(try cluster.script(["down"]).code == 0)
      #expect(try cluster.script(["status"]).output == "no cluster is up\n")
      #expect(try cluster.script(["down"]).code == 0, "nothing is there to remove")
      #expect(!FileManager.default.fileExists(atPath: cluster.hostfile))
    }

    @Test(arguments: [
      [], ["frob"], ["up"], ["up", "0"], ["up", "2", "x"], ["run", "-np", "0", "true"], ["cut", "node9"],
      ["cut", "node1", "node9"], ["cut", "node1", "node1"], ["limit"], ["limit", "fast"],
    ])
    func misuseOfTheScript(arguments: [String]) throws {
      guard let cluster = try VirtualCluster(hosts: 1) else { return }
      let ended = try cluster.script(arguments)
      #expect(ended.code == 64 && ended.output == "", "\(arguments): \(ended)")
      #expect(lines(ended.errors).count == 1 && ended.errors.hasPrefix("virtual-cluster: "))
    }
  }
}
