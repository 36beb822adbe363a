import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Every bad input: one clear line, the documented code, no rank left hanging, nothing damaged.
  @Suite(.serialized) struct BadInputTests {
    let folder: Folder

    init() throws {
      folder = try Folder()
      try BadRun.writeFiles(into: folder)
    }

    private func filled(_ text: String) -> String { text.replacing("F/", with: "\(folder.path)/") }

    private func refuse(_ run: BadRun, ranks: Int?) throws {
      let arguments = ["train"] + run.arguments.map(filled) + ["--output", folder["run"]]
      let ended = try lockstep(arguments, ranks: ranks, deadline: 30)
      expectComplaint(run.code, filled(run.message), ended)
      #expect(ended.output == "")
      #expect(!folder.exists("run"), "nothing is written for a run that cannot begin")
    }

    @Test(arguments: BadRun.all)
    func alone(run: BadRun) throws { try refuse(run, ranks: nil) }

    @Test(arguments: BadRun.all.filter(\.onTwoRanks))
    func onTwoRanks(run: BadRun) throws { try refuse(run, ranks: 2) }

    /// The superuser may read everything, so this needs somebody else.
    @Test func unreadable() throws {
      let (owner, program) = (getuid(), try builtProduct("lockstep"))
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder["good.csv"])
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
      let arguments = [
        program, "train", "two-class", "--output", folder["run"], "--set", "data={csv: {train: \(folder["good.csv"])}}",
      ]
      let become = ["--reuid=65534", "--regid=65534", "--clear-groups"]
      if owner == 0, try run("setpriv", become + [program, "--version"], deadline: 20).code != 0 {
        return notTested("an unreadable file", because: "setpriv, or the build folder, keeps others out")
      }
      let ended =
        try owner == 0
        ? run("setpriv", become + arguments, deadline: 30)
        : run(program, Array(arguments.dropFirst()), deadline: 30)
      expectComplaint(66, "\(folder["good.csv"]): open: Permission denied", ended)
      #expect(!folder.exists("run"))
    }

    /// Only rank zero reads the settings, but each rank its data: one that lacks them speaks for all.
    @Test func aFileThatOneRankAloneLacks() throws {
      let script = try folder.write(
        "start.sh",
        """
        mkdir -p "$1/$OMPI_COMM_WORLD_RANK" && cd "$1/$OMPI_COMM_WORLD_RANK" || exit 1
        [ "$OMPI_COMM_WORLD_RANK" = 1 ] || cp "$1/good.csv" here.csv
        # One path, and another file for each rank.
        exec "$2" train two-class --set 'data={csv: {train: /proc/self/cwd/here.csv}}' --output "$1/run"

        """)
      let ended = try run(
        "mpirun", launch(3) + ["sh", script, folder.path, try builtProduct("lockstep")], deadline: 30)
      expectComplaint(66, "here.csv: open: No such file or directory", ended)
      #expect(ended.errors.contains("rank 1 on "))
      #expect(!folder.exists("run"))
    }

    /// A training file without one of the classes makes every label of that class in the test file a wrong one: what is at
    /// fault is that the ranks have different files.
    @Test func aTrainingFileThatDiffersOnOneRankIsNotTakenForAWrongTestLabel() throws {
      try folder.write("all.csv", "x,class\n" + (0..<30).map { "\($0),c\($0 % 3)\n" }.joined())
      try folder.write("some.csv", "x,class\n" + (0..<30).map { "\($0),c\($0 % 2)\n" }.joined())
      let script = try folder.write(
        "start.sh",
        """
        mkdir -p "$1/$OMPI_COMM_WORLD_RANK" && cd "$1/$OMPI_COMM_WORLD_RANK" || exit 1
        cp "$1/all.csv" test.csv
        if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then cp "$1/some.csv" train.csv; else cp "$1/all.csv" train.csv; fi
        exec "$2" "$3" two-class --set "data={csv: {train: $PWD/train.csv, test: $PWD/test.csv}}" \
          --set 'model=[{dense: 3}]' --output "$1/run"

        """)
      let program = try builtProduct("lockstep")
      let ended = try run("mpirun", launch(2) + ["sh", script, folder.path, program, "train"], deadline: 60)
      expectComplaint(65, "train.csv: expected the same data as rank 0 has, found other (30 samples of 1)", ended)
      #expect(ended.errors.contains("rank 1 on "))
      let doctor = try run("mpirun", launch(2) + ["sh", script, folder.path, program, "doctor"], deadline: 60)
      #expect(
        doctor.code == 69 && doctor.output.contains("the data are not those of the other hosts"), "\(doctor.output)")
    }

    @Test func moreLanesThanLeavesIsAllowedAndSaid() throws {
      let settings = ["two-class", "--set", "epochs=1"]
      let expected = try digest(settings + ["-q", "-o", folder["a"]])
      for (perLeaf, expectedNote) in [
        ("auto", nil), ("1", "6 lanes in all, but a batch has only 4 micro-batches: 2 idle"), ("2", nil),
      ] {
        let ended = try lockstep(
          ["train"] + settings + [
            "-q", "-o", folder[perLeaf], "--set", "lanes=3", "--set", "lanes-per-leaf=\(perLeaf)",
          ],
          ranks: 2)
        #expect(ended.code == 0, "\(ended.errors)")
        #expect(lines(ended.output).last == "digest \(expected)", "lanes-per-leaf: \(perLeaf)")
        let notes = lines(ended.errors).filter { $0.hasPrefix("note: ") && $0.contains("lanes in all") }
        #expect(notes.count == (expectedNote == nil ? 0 : 1), "\(notes)")
        if let expectedNote { #expect(notes.first?.contains(expectedNote) == true, "\(notes)") }
      }
    }

    @Test func aWarmUpThatOutlastsTheRunIsAllowedAndSaid() throws {
      let settings = ["two-class", "-q", "-o", folder["run"], "--set", "epochs=1", "--set"]
      let ended = try lockstep(["train"] + settings + ["schedule={cosine: {warmup: 64}}"])
      #expect(ended.code == 0)
      #expect(ended.errors.hasPrefix("note: the warm-up takes 64 steps and the run 64: "), "\(ended.errors)")
    }

    @Test(arguments: [nil, 2, 3])
    func aLossThatIsNotFinite(ranks: Int?) throws {
      // The first epoch goes well; then the warm-up has reached a rate at which nothing is finite any more.
      let settings = [
        "two-class", "-q", "-o", folder["run"], "--set", "schedule={step: {every: 70, factor: 1e38}}", "--set",
        "checkpoint-every=32",
      ]
      let ended = try lockstep(["train"] + settings, ranks: ranks, deadline: 30)
      expectComplaint(65, "that is not finite is in ", ended)
      let place = try #require(complaints(ended).first?.firstMatch(of: #/step ([0-9]+): /#))
      #expect((70...72).contains(Int(place.1)!), "the step is named: \(place.0)")
      #expect(complaints(ended)[0].contains("weight") || complaints(ended)[0].contains("bias"), "the slot is named")
      #expect(complaints(ended)[0].contains("lower the learning rate"))
      #expect(checkpoints(folder, "run") == [32, 64])
      #expect(leftovers(folder, "run") == [])
      for step in ["step-00000032", "step-00000064"] {
        #expect(try lockstep(["evaluate", folder["run/\(step)"]]).code == 0)
      }
    }
  }
}
