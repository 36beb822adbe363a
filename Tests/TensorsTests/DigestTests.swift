import Testing

@testable import Tensors

@Suite struct DigestTests {
  /// The examples of FIPS 180-2.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func isSHA256(text: String, expected: String) {
    var text = text
    #expect(text.withUTF8 { Digest(of: UnsafeRawBufferPointer($0)) }.hex == expected)
  }

  /// Python: hashlib.sha256(struct.pack("<5f", 1, 2, 3, -0.5, 1e-3)).
  @Test func ofParametersLeavesTheGapsOut() {
    var layout = ParameterLayout()
    layout.append("a", [3])
    layout.append("b", [2])
    let buffer = FlatBuffer(count: layout.count)
    buffer.view[layout.slots[0].range].assign([1, 2, 3])
    buffer.view[layout.slots[1].range].assign([-0.5, 1e-3])
    let digest = Digest(of: buffer.view, layout: layout)
    #expect(digest.hex == "2659df4f61de9782ffd581700f800ec6638acb98febe46659e5d28498db87f5a")
    buffer.view[3] = 7  // in the gap
    #expect(Digest(of: buffer.view, layout: layout) == digest)
    buffer.view[2] = 3.0000002  // the next float
    #expect(Digest(of: buffer.view, layout: layout) != digest)
  }

  @Test func isWrittenAndReadBack() {
    let digest = Digest(of: UnsafeRawBufferPointer(start: nil, count: 0))
    #expect("\(digest)" == "sha256:" + digest.hex)
    #expect(Digest("\(digest)") == digest)
    #expect(Digest(digest.hex) == digest)
    let wrong = [
      "", "sha256:", digest.hex.dropLast().description, digest.hex + "0", digest.hex.uppercased(), "md5:" + digest.hex,
      String(repeating: "g", count: 64),
    ]
    for text in wrong { #expect(Digest(text) == nil, "\(text)") }
  }
}
