import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What relative paths start from: in a file its directory, on the command line the current one.
  @Suite(.serialized) struct PathTests {
    let folder: Folder

    init() throws {
      folder = try Folder()
      for name in ["shared/data", "elsewhere"] {
        try FileManager.default.createDirectory(atPath: folder[name], withIntermediateDirectories: true)
      }
      let rows = (0..<16).map { "\($0 % 2 == 0 ? 1 : -1),\($0),\("ab".dropFirst($0 % 2).first!)\n" }.joined()
      try folder.write("shared/data/a.csv", "x,y,class\n" + rows)
      try folder.write("elsewhere/b.csv", "x,y,class\n" + rows)
      try folder.write(
        "shared/run.yaml", "data: {csv: {train: ./data/a.csv}}\nmodel: [{dense: 2}]\nbatch: 8\nepochs: 4\n")
    }

    private func train(_ arguments: [String], in directory: String, ranks: Int? = nil) throws -> Ended {
      try lockstep(["train", "-q"] + arguments, ranks: ranks, in: folder[directory])
    }

    /// A run that is started, resumed, measured and looked at from four directories, also by `launch`.
    @Test func aRunWorksFromAnywhere() throws {
      let first = try train(["run.yaml", "-o", folder["a"]], in: "shared")
      #expect(first.code == 0, "\(first.errors)")
      #expect(try folder.text("a/config.yaml").contains("train: \"\(folder["shared/data/a.csv"])\""))

      let test = ["--set", "data.csv.test=b.csv"]
      let stopped = try train(
        ["../shared/run.yaml", "-o", "../b", "--set", "stop-after=3"] + test, in: "elsewhere", ranks: 2)
      #expect(stopped.code == 75, "\(stopped.errors)")
      #expect(try folder.text("b/config.yaml").contains("test: \"\(folder["elsewhere/b.csv"])\""))
      let resumed = try lockstep(
        ["launch", "-n", "2", "--", "train", "-q", "shared/run.yaml", "-o", "b", "--resume"], in: folder.path)
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(lines(resumed.output).last == lines(first.output).last)

      // What the run wrote is a configuration like any other.
      let again = try train([folder["a/config.yaml"], "-o", folder["c"]] + test, in: "elsewhere")
      #expect(lines(again.output).last == lines(first.output).last)
      let evaluated = try lockstep(["evaluate", folder["c"]], in: "/")
      #expect(evaluated.output.contains(" on \(folder["elsewhere/b.csv"]): 16 samples"), "\(evaluated.errors)")
      #expect(try lockstep(["inspect", folder["c"]], in: "/").code == 0)
    }

    /// A recipe whose table is not here says where it comes from; one that is to read another one does not.
    @Test(arguments: [nil, 2])
    func aRecipesTableIsFetched(ranks: Int?) throws {
      let ended = try train(["disease", "-o", folder["run"]], in: "elsewhere", ranks: ranks)
      expectComplaint(
        66,
        "\(folder["elsewhere/disease.csv"]): expected the recipe's table, found none; get it with scripts/data disease",
        ended)
      let other = ["disease", "-o", folder["run"], "--set", "data.table.source.csv.files=other.csv"]
      #expect(try !train(other, in: "elsewhere", ranks: ranks).errors.contains("scripts/data"))
      expectComplaint(
        66, "get it with scripts/data sales", try lockstep(["prepare", "sales"], in: folder["elsewhere"]))
    }

    @Test(arguments: [nil, 2])
    func aMissingFileIsNamedInFull(ranks: Int?) throws {
      try folder.remove("shared/data")
      let missing = "open: No such file or directory"
      expectComplaint(
        66, "\(folder["shared/data/a.csv"]): \(missing)",
        try train(["../shared/run.yaml", "-o", folder["run"]], in: "elsewhere", ranks: ranks))
      expectComplaint(
        66, "\(folder["elsewhere/no.csv"]): \(missing)",
        try train(
          ["../shared/run.yaml", "-o", folder["run"], "--set", "data.csv.train=no.csv"], in: "elsewhere", ranks: ranks))
    }

    /// A pipe has no directory whose files could be meant.
    @Test func aPipeStandsInTheCurrentDirectory() throws {
      let ended = try run(
        "sh", ["-c", "cat run.yaml | '\(try builtProduct("lockstep"))' train /dev/stdin -q -o '\(folder["run"])'"],
        directory: folder["shared"], deadline: 60)
      #expect(ended.code == 0, "\(ended.errors)")
    }
  }
}
