import Foundation

extension Folder {
  /// Runs `body` on a file system of its own in memory; says so where mounting is not permitted.
  public func withFileSystem(
    options: String, function: String = #function, _ body: (String) throws -> Void
  ) throws {
    let mount = self["mount"]
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    let mounted = try run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", mount], deadline: 20)
    guard mounted.code == 0 else {
      return notTested(
        "a file system with \(options)", because: "mounting one needs the superuser", function: function)
    }
    defer { _ = try? run("umount", ["-l", mount], deadline: 20) }
    try body(mount)
  }
}
