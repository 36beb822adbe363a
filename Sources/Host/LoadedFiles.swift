import CKernels
import Foundation

/// The files whose code this process runs. Both are known without /proc, which a chroot or a sandbox may lack.
package enum LoadedFiles {
  /// The path of the program, as far as it can be found; nil where the system does not tell.
  package static var program: String? {
    if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") { return path }
    guard let name = ck_program_name(), let path = realpath(name, nil) else { return nil }
    defer { free(path) }
    return String(cString: path)
  }

  /// The paths of the libraries that are loaded now, in the order of loading.
  package static var libraries: [String] {
    var paths: [String] = []
    withUnsafeMutablePointer(to: &paths) { paths in
      ck_libraries({ $1!.assumingMemoryBound(to: [String].self).pointee.append(String(cString: $0!)) }, paths)
    }
    return paths
  }
}
