/// Whether bytes are UTF-8.
package func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  var all: UInt8 = 0
  for byte in bytes { all |= byte }
  return all < 0x80 || String(validating: bytes, as: UTF8.self) != nil
}
