import Foundation
import TestSupport
import Testing

@testable import MPICommunication

/// What is deleted, and what stays, of files as Open MPI makes them, in a directory of memory of the test's own.
@Suite struct LeftoversTests {
  private let folder: String
  private let segment = "vader_segment.node1.cluster.\(geteuid()).7ce20001"

  init() throws {
    folder = "/dev/shm/lockstep-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: "\(folder)/sessions", withIntermediateDirectories: true)
  }

  /// Makes a file, last changed so many seconds ago.
  private func make(_ name: String, age: Double = 120) throws {
    let directory = (name as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: "\(folder)/\(directory)", withIntermediateDirectories: true)
    try Data("bytes".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    try setAge(name, age)
  }

  private func setAge(_ name: String, _ age: Double) throws {
    let date = Date(timeIntervalSinceNow: -age)
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: "\(folder)/\(name)")
  }

  /// Everything below the directory but `sessions` itself, after the leftovers were removed, and the directory as well.
  private func remaining() throws -> [String] {
    Leftovers(memory: folder, sessions: "\(folder)/sessions").remove()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0 != "sessions" }.sorted()
  }

  /// Whether files can be leased, without which nothing is ever deleted; says so where they cannot.
  private func canLease(function: String = #function) -> Bool {
    let canLease = OpenFolder(folder)?.showsMappings() ?? false
    if !canLease { notTested("leftovers", because: "/dev/shm has no leases", function: function) }
    return canLease
  }

  @Test func deadSegmentsGo() throws {
    guard canLease() else { return }
    try make("\(segment).0")
    try make("osc_sm.node1.7ce20001.0.3")
    #expect(try remaining() == [])
  }

  @Test func whateverIsInUseStays() throws {
    for rank in 0..<2 { try make("\(segment).\(rank)") }
    let opened = open("\(folder)/\(segment).0", O_RDWR)
    defer { close(opened) }
    let other = open("\(folder)/\(segment).1", O_RDWR)
    let mapped = mmap(nil, 1, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0)
    close(other)
    defer { munmap(mapped, 1) }
    #expect(try remaining() == ["\(segment).0", "\(segment).1"])
  }

  @Test func whateverIsNoLeftoverStays() throws {
    let user = geteuid()
    var names = [
      "vader_segment.node1.\(user + 1).7ce20001.0", "vader_segment.node1.\(user).7ce20001", "\(segment).x",
      "vader_segment.\(user).7ce20001.0", "\(segment).0.bak", "my_\(segment).0", "osc_sm.node1.xyz.0.3", "sem.mine",
      "vader_segment..\(user).7ce20001.0",
    ]
    for name in names { try make(name) }
    try make("\(segment).1", age: 30)
    try make("target")
    try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(segment).2", withDestinationPath: "target")
    try make("twin")
    try FileManager.default.linkItem(atPath: "\(folder)/twin", toPath: "\(folder)/\(segment).3")
    try make("\(segment).4/inner")
    names += ["target", "twin", "\(segment).1", "\(segment).2", "\(segment).3", "\(segment).4", "\(segment).4/inner"]
    #expect(try remaining() == names.sorted())
  }

  @Test func filesOfOtherUsersStay() throws {
    try make("\(segment).0")
    guard chown("\(folder)/\(segment).0", 65534, 65534) == 0 else {
      _ = try remaining()
      return notTested("a segment of another user", because: "giving files away needs the superuser")
    }
    #expect(try remaining() == ["\(segment).0"])
  }

  /// A number that no process has, for it was one that has ended.
  private func deadProcess() throws -> pid_t {
    var process: pid_t = 0
    let words = [strdup("true"), nil]
    defer { free(words[0]) }
    #expect(posix_spawnp(&process, "true", nil, nil, words, environ) == 0)
    waitpid(process, nil, 0)
    return process
  }

  /// The files of a session, as mpirun makes them, and a named pipe.
  private func makeSession(_ name: String, of process: pid_t, leaving out: String = "") throws {
    let files = ["hwloc.sm", "contact.txt", "pmix_dstor_ds21_\(process)/smseg-1-0", "1/0/file"]
    for file in files where file != out { try make("sessions/\(name)/\(file)") }
    #expect(mkfifo("\(folder)/sessions/\(name)/1/debugger_attach_fifo", 0o600) == 0)
    try setAge("sessions/\(name)", 120)
  }

  @Test(arguments: ["pid", "jf"])
  func deadSessionsGo(kind: String) throws {
    guard canLease() else { return }
    let process = try deadProcess()
    try makeSession(kind == "pid" ? "pid.\(process)" : "jf.53521", of: process)
    #expect(try remaining() == [])
  }

  /// Each of them is but for one thing a session that would go.
  @Test(arguments: ["alive", "open", "link", "young", "unknown"])
  func doubtfulSessionsStay(why: String) throws {
    let process = why == "alive" ? getpid() : try deadProcess()
    let session = "sessions/pid.\(process)"
    try makeSession("pid.\(process)", of: process, leaving: why == "unknown" ? "hwloc.sm" : "")
    let opened = why == "open" ? open("\(folder)/\(session)/hwloc.sm", O_RDWR) : -1
    defer { if opened >= 0 { close(opened) } }
    if why == "link" {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/\(session)/1/link", withDestinationPath: "/tmp")
    }
    if why == "young" { try setAge("\(session)/1/0/file", 1) }
    let before = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0 != "sessions" }.sorted()
    #expect(try remaining() == before)
  }
}
