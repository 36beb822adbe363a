import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Output that cannot be written: the run stops with 74, and what was saved before is whole.
  @Suite(.serialized) struct DiskTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    @Test(arguments: [nil, 2])
    func aFileInTheWay(ranks: Int?) throws {
      try folder.write("file", "")
      for output in ["file", "file/run"] {
        let ended = try lockstep(["train", "two-class", "-o", folder[output]], ranks: ranks, deadline: 30)
        expectComplaint(
          74, "\(folder["file"]): expected a directory, found something else; move it or choose another", ended)
      }
      #expect(folder.names() == ["file"])
      #expect(try folder.text("file") == "")
    }

    @Test(arguments: ["config.yaml", "metrics.jsonl"])
    func aDirectoryInAFilesPlace(name: String) throws {
      try FileManager.default.createDirectory(atPath: folder["run/\(name)"], withIntermediateDirectories: true)
      let ended = try lockstep(["train", "two-class", "-o", folder["run"]], ranks: 2, deadline: 30)
      expectComplaint(74, "run/\(name): expected a file of the run, found a directory", ended)
      #expect(leftovers(folder, "run") == [])
    }

    @Test func aReadOnlyFileSystem() throws {
      try folder.withFileSystem(options: "ro") { mount in
        for ranks in [nil, 2] {
          let ended = try lockstep(["train", "two-class", "-o", "\(mount)/run"], ranks: ranks, deadline: 30)
          expectComplaint(74, "run: mkdir: Read-only file system; choose a run directory on a writable", ended)
        }
      }
    }

    /// There is room for some checkpoints, but not for all.
    @Test(arguments: [nil, 2])
    func aFullDiskStopsTrainingCleanly(ranks: Int?) throws {
      let settings = ["two-class", "-q", "--set", "keep-checkpoints=99", "--set", "epochs=12"]
      let expected = try digest(settings + ["-o", folder["whole"]])
      try folder.withFileSystem(options: "size=128k") { mount in
        let ended = try lockstep(["train"] + settings + ["-o", "\(mount)/run"], ranks: ranks, deadline: 30)
        expectComplaint(74, "No space left on device", ended)
        try FileManager.default.copyItem(atPath: "\(mount)/run", toPath: folder["copy"])
      }
      let left = checkpoints(folder, "copy")
      #expect(left.count >= 2 && left.count < 12, "\(left)")
      #expect(leftovers(folder, "copy") == [])
      for step in left.map({ String(format: "copy/step-%08d", $0) }) {
        #expect(try lockstep(["inspect", folder[step]]).code == 0)
      }
      #expect(try digest(settings + ["-o", folder["copy"], "--resume"], ranks: 3) == expected)
    }

    /// An export that has no room says so in a line, leaves nothing half, and what was there before.
    @Test func aFullDiskForAnExport() throws {
      _ = try digest(["two-class", "-q", "--set", "epochs=1", "-o", folder["run"]])
      func exported(_ words: String...) throws -> Ended { try lockstep(["export", folder["run"]] + words) }
      try folder.withFileSystem(options: "size=64k") { mount in
        #expect(try exported("--onnx", "\(mount)/a.onnx").code == 0)
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder["mount/a.onnx"]))
        let file = fopen("\(mount)/much", "w")!
        while fwrite([UInt8](repeating: 1, count: 4096), 1, 4096, file) == 4096, fflush(file) == 0 {}
        fclose(file)
        for name in ["a", "b"] {
          let ended = try exported("--onnx", "\(mount)/\(name).onnx")
          expectComplaint(74, "mount/\(name).onnx: write: No space left on device; make room on the disk", ended)
        }
        let ended = try exported("--pytorch", "\(mount)/net")
        expectComplaint(
          74, "write: No space left on device; make room for the folder, or name one where it can be", ended)
        #expect(folder.names("mount").sorted() == ["a.onnx", "much"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder["mount/a.onnx"])) == whole)
      }
    }

    /// The log's disk is full, which only rank zero sees: all ranks end by themselves, none is taken down.
    @Test func aFullDiskForTheLogEndsAllRanks() throws {
      try folder.withFileSystem(options: "size=8k") { mount in
        let settings = ["log-every=1", "data.two-class.train=65536"].flatMap { ["--set", $0] }
        let ended = try lockstep(["train", "two-class", "-q", "-o", "\(mount)/run"] + settings, ranks: 2, deadline: 30)
        expectComplaint(74, "metrics.jsonl: write: No space left on device; make room on the disk", ended)
        #expect(!ended.errors.contains("MPI_ABORT"), "\(ended.errors)")
      }
    }

    /// What is printed has nowhere to go: training goes on, the checkpoint is whole, and the code tells.
    @Test func aFullStandardOutput() throws {
      let program = try builtProduct("lockstep")
      func full(_ arguments: String) throws -> Ended {
        try run("sh", ["-c", "exec '\(program)' \(arguments) >/dev/full"], deadline: 30)
      }
      expectComplaint(
        74, "standard output: write: No space left on device", try full("train two-class -o \(folder["run"])"))
      #expect(checkpoints(folder, "run").max() == 640)
      expectComplaint(74, "standard output: write: No space left on device", try full("inspect \(folder["run"])"))
      expectComplaint(74, "standard output: write: No space left on device", try full("evaluate \(folder["run"])"))
      #expect(try run("sh", ["-c", "exec '\(program)' inspect /no 2>/dev/full"], deadline: 30).code == 66)
    }

    /// A limit on the size of files is like a full disk: no signal ends the run without a word.
    @Test func aLimitOnFileSizes() throws {
      let program = try builtProduct("lockstep")
      // 8 MiB: MPI itself wants files of 4. The parameters take 9 MB.
      let settings = "--set 'model=[dense: 1500, relu, dense: 1500, relu, dense: 2]' --set data.two-class.train=64"
      let ended = try run(
        "sh", ["-c", "ulimit -f 16384; exec '\(program)' train two-class -o \(folder["run"]) -q \(settings)"],
        deadline: 60)
      expectComplaint(74, "model.safetensors: write: File too large; free some space or choose another", ended)
      #expect(folder.names("run") == ["config.yaml", "metrics.jsonl"])
    }

    /// Whoever reads the lines may go; the run stays.
    @Test func aReaderThatGoesAwayDoesNotEndTheRun() throws {
      let program = try builtProduct("lockstep")
      let script = "('\(program)' train two-class -o \(folder["run"]); echo $? >&2) | head -n 1"
      let ended = try run("sh", ["-c", script], deadline: 60)
      #expect(ended.output.hasPrefix("two-class: "))
      #expect(
        lines(ended.errors) == ["lockstep: standard output: write: Broken pipe; write elsewhere", "74"],
        "\(ended.errors)")
      #expect(checkpoints(folder, "run").max() == 640)
    }

    /// The superuser may write everywhere, so this needs somebody else.
    @Test func aDirectoryOfSomebodyElse() throws {
      let program = try builtProduct("lockstep")
      try FileManager.default.createDirectory(atPath: folder["other"], withIntermediateDirectories: true)
      try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder["other"])
      let become = ["--reuid=65534", "--regid=65534", "--clear-groups"]
      let (runner, prefix) = getuid() == 0 ? ("setpriv", become + [program]) : (program, [])
      guard try run(runner, prefix + ["--version"], deadline: 20).code == 0 else {
        return notTested("a directory without permission", because: "setpriv, or the build folder, keeps others out")
      }
      let ended = try run(runner, prefix + ["train", "two-class", "-o", folder["other/run"]], deadline: 30)
      expectComplaint(
        74, "other/run: mkdir: Permission denied; make the run directory writable or choose another one", ended)
      #expect(folder.names("other") == [])
    }

    /// Two runs in one directory would overwrite each other.
    @Test func aSecondRunInTheSameDirectoryIsRefused() throws {
      let job = Job(
        ["two-class", "--set", "data.two-class.train=1048576", "--set", "epochs=100"], ranks: 1, output: folder["run"])
      try job.waitForSteps()
      let second = try lockstep(["train", "two-class", "-o", folder["run"]], deadline: 30)
      expectComplaint(74, "another process writes to this run directory", second)
      for process in job.ranks().values { kill(process, SIGTERM) }
      #expect(try job.wait().code == 75)
    }
  }
}
