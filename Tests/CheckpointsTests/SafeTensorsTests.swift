import Checkpoints
import Diagnostics
import Tensors
import Testing

@Suite struct SafeTensorsTests {
  @Test func bytesOfASmallFile() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/a.safetensors"
      let buffer = FlatBuffer(count: 3)
      buffer.view.assign([1, -2, 0.5])
      let record = try SafeTensors.write(
        [NamedTensor("w", [1, 2], buffer.view[0..<2]), NamedTensor("b\"", [], buffer.view[2..<3])],
        metadata: ["format": "pt"], to: path)
      let json =
        #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
        + #""b\"":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}"#
      let padding = 64 - (8 + json.utf8.count) % 64
      var expected: [UInt8] = [UInt8(json.utf8.count + padding), 0, 0, 0, 0, 0, 0, 0] + Array(json.utf8)
      expected += [UInt8](repeating: 32, count: padding) + [0, 0, 128, 63, 0, 0, 0, 192, 0, 0, 0, 63]
      let found = try contents(path)
      #expect(found == expected)
      #expect(record == FileRecord(bytes: expected.count, sha256: expected.withUnsafeBytes(Digest.init(of:))))

      let file = try SafeTensorsFile(path)
      #expect(file.metadata == ["format": "pt"])
      #expect(file.entries.map(\.name) == ["w", "b\""])
      let other = FlatBuffer(count: 3)
      try file.read(into: [NamedTensor("b\"", [], other.view[0..<1]), NamedTensor("w", [1, 2], other.view[1..<3])])
      #expect(other.view.array == [0.5, 1, -2])
    }
  }

  /// Extents of zero and one, empty files, names in many scripts, larger than the pieces that are written at once.
  @Test func roundTrips() throws {
    try withTemporaryDirectory { directory in
      for shapes: [Shape] in [[], [[]], [[0]], [[0, 3], [2, 2], [5, 0]], [[1 << 19], [3], [1000, 301]]] {
        var layout = ParameterLayout()
        for (index, shape) in shapes.enumerated() { layout.append("ü\u{1}\n\\\(index)😀", shape) }
        let buffer = FlatBuffer(count: layout.count)
        for index in 0..<buffer.count {
          buffer.view[index] = Float(bitPattern: UInt32(truncatingIfNeeded: index &* 2_654_435_761))
        }
        let path = directory + "/\(shapes.count).safetensors"
        try SafeTensors.write(layout.tensors(in: buffer.view), to: path)
        let other = FlatBuffer(count: layout.count)
        try SafeTensorsFile(path).read(into: layout.tensors(in: other.view))
        #expect(Digest(of: other.view, layout: layout) == Digest(of: buffer.view, layout: layout))
      }
    }
  }

  /// A file with this header and so many bytes of data.
  func failure(_ header: String, data: Int = 0, length: UInt64? = nil) throws -> String {
    try withTemporaryDirectory { directory in
      let path = directory + "/a"
      let length = length ?? UInt64(header.utf8.count)
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
      try write(bytes + [UInt8](repeating: 0, count: data), to: path)
      let line = message(.badData) { _ = try SafeTensorsFile(path) }
      let cure = "; this is no whole safetensors file: copy or save it again"
      #expect(line.isEmpty || line.hasPrefix(path + ": ") && line.hasSuffix(cure), "\(line)")
      return String(line.dropFirst(path.count + 2).dropLast(cure.count))
    }
  }

  func entry(_ name: String, _ type: String = "F32", _ shape: String = "[1]", _ offsets: String = "[0,4]") -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  @Test func acceptedHeaders() throws {
    for (header, data) in [
      ("{}", 0), ("{ }   ", 0), ("{\(entry("a"))}", 4), ("{\(entry("a", "BF16", "[2]"))}", 4),
      ("{\(entry("a", "F4", "[8]"))}", 4), ("{\(entry("b", "F32", "[1]", "[4,8]")),\(entry("a"))}", 8),
      ("{\(entry("a", "U8", "[0,9223372036854775807]", "[0,0]")), \(entry("\\ud83d\\ude00\\u00e9"))}", 4),
    ] {
      #expect(try failure(header, data: data) == "", "\(header)")
    }
  }

  @Test func refusedHeaders() throws {
    #expect(try failure("", length: 2) == "the header says 2 bytes, but the file has 8")
    #expect(try failure("", length: 0) == "the header must begin with {")
    #expect(try failure(" {}") == "the header must begin with {")
    #expect(
      try failure("{}", length: 100_000_001) == "expected a header of at most 100000000 bytes, found 100000001")
    #expect(
      try failure("{}", length: .max) == "expected a header of at most 100000000 bytes, found 18446744073709551615")
    #expect(try failure("{}", data: 1) == "expected 10 bytes, found 11")
    #expect(try failure("{} x") == "header, byte 11: expected the end of the header")
    let cases: [(String, Int, String)] = [
      ("{\(entry("a")),\(entry("a"))}", 4, "the key \"a\" is given twice"),
      ("{\(entry("a")),\(entry("b"))}", 4, "tensor \"b\" overlaps the one before"),
      ("{\(entry("a")),\(entry("b", "F32", "[1]", "[2,6]"))}", 6, "tensor \"b\" overlaps the one before"),
      ("{\(entry("a")),\(entry("b", "F32", "[1]", "[5,9]"))}", 9, "tensor \"b\" leaves a hole before it"),
      ("{\(entry("a", "F32", "[1]", "[4,8]"))}", 8, "tensor \"a\" leaves a hole before it"),
      ("{\(entry("a"))}", 5, "expected"),
      ("{\(entry("a"))}", 3, "tensor \"a\" has offsets [0, 4] in data of 3 bytes"),
      ("{\(entry("a", "F32", "[1]", "[4,0]"))}", 4, "tensor \"a\" has offsets [4, 0] in data of 4 bytes"),
      ("{\(entry("a", "F32", "[1]", "[0,4,8]"))}", 8, "expected at most 2 numbers"),
      ("{\(entry("a", "F31"))}", 4, "tensor \"a\" has the unknown dtype \"F31\""),
      ("{\(entry("a", "F64"))}", 4, "tensor \"a\" of dtype F64 and shape [1] does not fit 4 bytes"),
      ("{\(entry("a", "F4", "[1]", "[0,0]"))}", 0, "does not fit 0 bytes"),
      ("{\(entry("a", "F32", "[9223372036854775807,2]"))}", 4, "does not fit 4 bytes"),
      ("{\(entry("a", "F32", "[4611686018427387904,4,0]", "[0,0]"))}", 0, "does not fit 0 bytes"),
      ("{\(entry("a", "F32", "[-1]"))}", 4, "expected a whole number of at least 0"),
      ("{\(entry("a", "F32", "[01]"))}", 4, "expected a whole number of at least 0"),
      ("{\(entry("a", "F32", "[1.0]"))}", 4, "expected ]"),
      ("{\(entry("a", "F32", "[99999999999999999999]"))}", 4, "expected a whole number of at least 0"),
      ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "tensor \"a\" needs dtype, shape and data_offsets"),
      ("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 4, "the key \"dtype\" is given twice"),
      ("{\"a\":{\"type\":\"F32\"}}", 4, "tensor \"a\" has an unknown key \"type\""),
      ("{\"__metadata__\":{\"a\":1}}", 0, "expected \""),
      ("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "the key \"a\" is given twice"),
      ("{\"\\ud800\":1}", 0, "half of a surrogate pair"), ("{\"\\udc00\":1}", 0, "half of a surrogate pair"),
      ("{\"\\ud800\\u0041\":1}", 0, "half of a surrogate pair"), ("{\"\\u12\":1}", 0, "four hexadecimal digits"),
      ("{\(entry("a", "U8", "[\(repeatElement("1", count: 65).joined(separator: ","))]"))}", 1, "at most 64 numbers"),
      ("{\"\\x\":1}", 0, "an unknown escape"), ("{\"a", 0, "a string without its end"),
      ("{\"a\\", 0, "a string without its end"), ("{\"a\n\":1}", 0, "a control character in a string"),
      ("{", 0, "expected \""), ("{\(entry("a"))", 4, "expected }"), ("{\(entry("a")),}", 4, "expected \""),
    ]
    for (header, data, fault) in cases {
      #expect(try failure(header, data: data).contains(fault), "\(header)")
    }
  }

  @Test func otherModels() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/m"
      let sample = Sample(step: 1)
      try SafeTensors.write(sample.tensors, to: path)
      let file = try SafeTensorsFile(path)
      func failure(_ tensors: [NamedTensor]) -> String {
        String(message(.badData) { try file.read(into: tensors) }.dropFirst(path.count + 2))
      }
      let view = FlatBuffer(count: 16)
      let belongs = "; the file belongs to another model"
      #expect(
        failure([NamedTensor("0.weights", [1], view.view[0..<1])])
          == "expected a tensor \"0.weights\", found none; the nearest is \"0.weight\"")
      #expect(
        failure([NamedTensor("head", [1], view.view[0..<1])]) == "expected a tensor \"head\", found none" + belongs)
      #expect(
        failure([NamedTensor("0.weight", [3, 2], view.view[0..<6])])
          == "tensor \"0.weight\": expected shape 3×2, found 2×3" + belongs)
      #expect(failure(Array(sample.tensors.dropLast())) == "found a tensor \"scale\" that the model has not" + belongs)

      let half = "{\(entry("a", "F16", "[2]"))}"
      try write([UInt8(half.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(half.utf8) + [0, 0, 0, 0], to: path)
      #expect(
        message(.badData) { try SafeTensorsFile(path).read(into: [NamedTensor("a", [2], view.view[0..<2])]) }
          == "\(path): tensor \"a\": expected F32, found F16; convert it to F32")
    }
  }

  @Test func missingFiles() {
    #expect(
      message(.missingInput) { _ = try SafeTensorsFile("/nonexistent/x") }
        == "/nonexistent/x: open: No such file or directory")
    #expect(message(.missingInput) { _ = try SafeTensorsFile("/dev/zero") } == "/dev/zero: expected a file")
  }

  /// A disk that is full: the device that always says so.
  @Test func fullDisk() {
    let sample = Sample(step: 1)
    #expect(
      message(.inputOutput) { try SafeTensors.write(sample.tensors, to: "/dev/full") }.hasPrefix(
        "/dev/full: write: No space left on device; free some space"))
  }
}
