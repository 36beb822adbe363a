#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// What the system calls this host, as `hostname` prints it.
package func ownHostName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  gethostname(&name, name.count - 1)
  return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
