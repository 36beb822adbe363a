import Foundation

/// A directory that is looked into by its descriptor: no link on the way to a file can lead elsewhere.
final class OpenFolder {
  let descriptor: Int32

  /// Nil where it is missing, or a link.
  init?(_ name: String, in parent: OpenFolder? = nil) {
    descriptor = openat(parent?.descriptor ?? AT_FDCWD, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if descriptor < 0 { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Whether it is this user's, and nobody else may change it.
  var isOwn: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_uid == geteuid() && status.st_mode & (S_IWGRP | S_IWOTH) == 0
  }

  /// Seconds since its last change; 0 where that is not known.
  var age: Double {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? seconds(since: status) : 0
  }

  /// Of a name in it, and not of what a link leads to.
  func status(of name: String) -> stat? {
    var status = stat()
    return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
  }

  /// The names in it, without `.` and `..`.
  func names() -> [String] {
    let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0, let stream = fdopendir(copy) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// Whether leases are refused for what is mapped alone, as they are not by an overlay (seen with Linux 6.18).
  func showsMappings() -> Bool {
    let name = ".lockstep-\(getpid())"
    let writer = openat(descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard writer >= 0 else { return false }
    defer { unlinkat(descriptor, name, 0) }
    let page = ftruncate(writer, 1) == 0 ? mmap(nil, 1, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0) : MAP_FAILED
    close(writer)
    guard let page, page != MAP_FAILED else { return false }
    let reader = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    defer { close(reader) }
    let isShown = !takeLease(reader)
    munmap(page, 1)
    return isShown && takeLease(reader)
  }
}
