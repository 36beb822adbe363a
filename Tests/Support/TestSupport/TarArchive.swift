/// The bytes of a tar archive, in POSIX's form of 1988, of files that lie one behind the other.
package func tarArchive(_ members: [(String, [UInt8])]) -> [UInt8] {
  var bytes: [UInt8] = []
  for (name, content) in members {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ place: Int) { for (i, byte) in text.utf8.enumerated() { header[place + i] = byte } }
    func octal(_ number: Int, _ digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, 0)
    put(octal(content.count, 11), 124)
    put("        0", 148)
    put("ustar\u{0}00", 257)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0 ", 148)
    bytes += header + content
    bytes += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }
  return bytes + [UInt8](repeating: 0, count: 1024)
}
