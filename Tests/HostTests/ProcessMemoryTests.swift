import Foundation
import Host
import Testing

/// What this process may use, by made files of a kernel.
@Suite final class ProcessMemoryTests {
  private let root = NSTemporaryDirectory() + "lockstep-memory-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: root) }

  private func write(_ path: String, _ text: String) throws {
    let file = URL(fileURLWithPath: root + path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: false, encoding: .utf8)
  }

  private func memory(own: (name: String, bytes: UInt64)? = nil) -> ProcessMemory {
    ProcessMemory(root: root, host: 8000, own: own)
  }

  @Test func withoutAnyLimit() {
    #expect(memory().shared == .init(name: "this host", bytes: 8000) && memory().own == nil && memory().bytes == 8000)
  }

  /// The least of the own group and of those around it counts.
  @Test func groupsOfVersionTwo() throws {
    try write("/proc/self/cgroup", "0::/slurm/job_7\n")
    try write("/sys/fs/cgroup/slurm/job_7/memory.max", "max\n")
    #expect(memory().shared.name == "this host")
    try write("/sys/fs/cgroup/slurm/memory.max", "3000\n")
    #expect(memory().shared == .init(name: "the control group /slurm (memory.max)", bytes: 3000))
    try write("/sys/fs/cgroup/slurm/job_7/memory.max", "2000\n")
    #expect(memory().shared == .init(name: "the control group /slurm/job_7 (memory.max)", bytes: 2000))
    try write("/sys/fs/cgroup/slurm/job_7/memory.max", "9000\n")
    #expect(memory().bytes == 3000)
  }

  /// Without a limit it is a number that no host has.
  @Test func groupsOfVersionOne() throws {
    try write("/proc/self/cgroup", "4:cpu,cpuacct:/other\n3:hugetlb,memory:/a:b\n0::/\n")
    try write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    #expect(memory().shared.name == "this host")
    try write("/sys/fs/cgroup/memory/a:b/memory.limit_in_bytes", "4096\n")
    #expect(memory().shared == .init(name: "the control group /a:b (memory.limit_in_bytes)", bytes: 4096))
  }

  /// A container may see its own group as the root of all, and its path as the host's, or nothing of /proc.
  @Test(arguments: ["0::/docker/4711\n", "0::/\n", nil])
  func containers(groups: String?) throws {
    if let groups { try write("/proc/self/cgroup", groups) }
    try write("/sys/fs/cgroup/memory.max", "5000\n")
    #expect(memory().shared == .init(name: "the control group / (memory.max)", bytes: 5000))
  }

  @Test func aLimitOfItsOwn() throws {
    try write("/sys/fs/cgroup/memory.max", "5000\n")
    #expect(memory(own: ("ulimit -v", 100)).own == .init(name: "ulimit -v", bytes: 100))
    #expect(memory(own: ("ulimit -v", 100)).bytes == 100 && memory(own: ("ulimit -v", .max)).bytes == 5000)
    #expect(memory(own: ("ulimit -v", 0)).bytes == 1, "something may be divided by it")
  }

  @Test func ofThisProcess() { #expect(ProcessMemory.ofThisProcess.bytes > 1 << 20) }
}
