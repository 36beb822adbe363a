import Foundation

/// A file that nobody has open or mapped for writing, and nobody can open so as long as this object lives.
///
/// The kernel grants a lease for reading to a file's owner only where no process of the host, of any container, may write to
/// it. Who asks to write meanwhile waits.
final class LeasedFile {
  let name: String
  private let folder: OpenFolder
  private let descriptor: Int32

  /// Nil where it is not ours alone, younger than `age` seconds, in use, or the file system has no leases.
  init?(_ name: String, in folder: OpenFolder, olderThan age: Double) {
    (self.name, self.folder) = (name, folder)
    descriptor = openat(folder.descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      status.st_nlink == 1, seconds(since: status) > age, takeLease(descriptor)
    else { return nil }
  }

  /// Gives the lease back.
  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Deletes the file, where the name is still its own.
  func remove() {
    var own = stat()
    guard fstat(descriptor, &own) == 0, let named = folder.status(of: name) else { return }
    if (own.st_dev, own.st_ino) == (named.st_dev, named.st_ino) { unlinkat(folder.descriptor, name, 0) }
  }
}

/// Since the last change of its bytes, or a directory's names.
func seconds(since status: stat) -> Double {
  Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec)
}

/// Takes a lease for reading; false where the kernel grants none.
func takeLease(_ descriptor: Int32) -> Bool {
  // Whoever waits for the lease has us told by a signal: by one that is ignored, instead of one that ends the process.
  fcntl(descriptor, setSignal, SIGURG) == 0 && fcntl(descriptor, setLease, Int32(F_RDLCK)) == 0
}

/// Linux's F_SETSIG and F_SETLEASE, which glibc shows to GNU programs alone.
private let (setSignal, setLease): (Int32, Int32) = (10, 1024)
