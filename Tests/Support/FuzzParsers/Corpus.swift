import CZlibSystem
import Checkpoints
import Datasets
import Files
import Foundation
import Goldens
import Parquet
import Tables
import Tensors

/// Small whole files of every kind.
enum Corpus {
  static let dates = [
    "2026-11-24T13:05:06.25+01:00", "24.11.2026", "2026-060 12:30:00 AM -0530", "0000-01-01", "9999-12-31T23:59:60Z",
  ].map { Array($0.utf8) }

  static let csv: [[UInt8]] = [
    "sepal,petal,species\n5.1,1.4,setosa\n7.0,4.7,versicolor\n-1e-3,.5,virginica\n",
    "\u{FEFF}a, \"b\"\"c\" ,\"d\ne\"\r\n1,2,3\r\n4,5,6\r\n\r\n", "x,y\n\"1\",2\n3,\"4\"", "0,1,2\n7,8,9\n",
    "größe,θ,species\n1,2,ü\n3,4,ö\n", "time,x\n1700000000,1\n1700000050,2\n",
  ].map { Array($0.utf8) }

  static let lines: [[UInt8]] = [
    "{\"a\": 1.5e3, \"b\": \"x\\u00e9\\uD83D\\uDE00\", \"c\": [1, -2], \"d\": true}\n{\"a\": 2, \"b\": null, \"c\": [0.5, 1]}\n",
    "\u{FEFF}{\"größe\":12345678901234567890,\"n\":-0}\r\n\r\n{\"n\":9223372036854775807}",
    "{\"o\": {\"p\": [[], {}, \"x\"]}, \"k\": 1}\n{\"k\": 2}\n",
  ].map { Array($0.utf8) }

  static let idx: [[UInt8]] = [
    [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + Array(0..<12), [0, 0, 8, 1, 0, 0, 0, 5, 0, 1, 2, 1, 0],
    [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 9, 8, 7, 6],
    [0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4],
    [0, 0, 13, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0],
  ]

  static let numbers: [[UInt8]] = [
    "1", "-0.5", ".25", "1e-3", "3.4028236e38", "1.17549435e-38", "1e-46", " 16777217\t", "nan", "-Infinity",
    "0.1000000014901161193847656250000000001", "123456789012345678901234567890e-20", "9007199254740993e22",
  ].map { Array($0.utf8) }

  static let texts: [[UInt8]] = [
    String(repeating: "A hacker is a person who enjoys exploring the details.\n", count: 3), "abbaé\r\n\tü😀\u{301}ab",
    "\u{FEFF}größer\n\n", "a",
  ].map { Array($0.utf8) }

  /// Models of SentencePiece that the texts were learned from.
  static var vocabularies: [[UInt8]] {
    get throws {
      try SentencePieceModel.Method.allCases.map {
        try SentencePieceModel(learning: 300, by: $0, coverage: 1, from: texts, at: nil).bytes
      }
    }
  }

  static let hostfiles: [[UInt8]] = [
    "node01 slots=2\nnode02\n# none\nnode01 slots=3 max_slots=4\n", "10.0.0.1 slots=16 max-slots=16\r\n[::1]\n",
  ].map { Array($0.utf8) }

  static let filters: [[UInt8]] = [
    "x >= 18 and word != 'void'", "not (x < -1.5e3 or since >= '2026-11-24' and word in ('a', 'b''c'))",
    "word is missing or `x` is not missing", "word not in ('ä') and x == 0",
  ].map { Array($0.utf8) }

  static let overrides: [[UInt8]] = [
    "epochs=3", "model=[dense: 256, relu, dense: 2]", "optimizer.adam.learning-rate=0.01", "batch=",
    "a.b.c=[1, {d: e}]",
    "data={two-class: {train: 64}}", "data.two-class.train=65536", "schedule={step: {every: 70, factor: 1e38}}",
  ].map { Array($0.utf8) }

  /// Forms that the recipes do not have: nested keys, blocks, anchors, tags.
  static let configurations: [[UInt8]] = [
    "data: {two-class: {train: 64}}\nmodel: [{dense: 2}]\nbatch: 8\nepochs: 2\n",
    "? {a: [1, 2]}\n: {? [b, c] : d}\nmodel:\n- dense: !!int \"2\"\n",
    "a: &x [1, 2]\nb: *x\nc: |\n  text\nd: >-\n  more\n",
    "data: {csv: {train: a.csv, target: y, classes: [a, b]}}\nmodel: [{dense: {units: 2, bias: false}}, relu, {dropout: 0.5}]\n",
    table,
  ].map { Array($0.utf8) }

  private static let table = """
    model: [relu]
    data:
      table:
        source: {csv: a.csv}
        target: y
        weight: w
        resample: oversample
        columns: [{number: [a, b]}, {date: d}, {vector: v}]
        defaults: {number: {scale: robust, missing: constant, value: 3}}
        rows:
          filter: "a >= 1e2 and (c not in ('x', \\"y\\") or not d < '2026-11-24' or `b` is missing)"
          ranges: {a: [0, null]}

    """

  static func safetensors(in folder: String) throws -> [[UInt8]] {
    let buffer = FlatBuffer(count: 8)
    let path = folder + "/whole"
    return try [
      [NamedTensor("0.weight", [2, 3], buffer.view[0..<6]), NamedTensor("0.bias", [2], buffer.view[6..<8])],
      [NamedTensor("ü\"\\\n😀", [], buffer.view[0..<1]), NamedTensor("empty", [0, 5], buffer.view[0..<0])], [],
    ].map { tensors in
      try SafeTensors.write(tensors, metadata: ["format": "pt"], to: path)
      return try contents(path)
    }
  }

  /// Files of all writers that are small, and one of the own writer's.
  static func parquet(in folder: String) throws -> [[UInt8]] {
    let path = folder + "/whole.parquet"
    let file = try OutputFile(path)
    let columns = [ParquetColumn("double", .double), ParquetColumn("word", .text), ParquetColumn("required", .boolean)]
    let writer = try ParquetWriter(into: file, columns, packing: .none, groupRows: 5)
    try writer.write([
      (.doubles((0..<12).map { Double($0) }), (0..<12).map { $0 % 3 == 0 }),
      (.texts(TextCells((0..<12).map { "text \($0)" })), (0..<12).map { $0 % 5 == 0 }),
      (.booleans((0..<12).map { $0 % 2 == 0 }), []),
    ])
    try writer.finish()
    try file.finish()
    let goldens = goldenPath("parquet")
    let names = try FileManager.default.contentsOfDirectory(atPath: goldens).filter { $0.hasSuffix(".parquet") }
    return try [contents(path)] + names.sorted().map { try contents("\(goldens)/\($0)") }
  }

  /// A run directory with one checkpoint; returns the checkpoint's path.
  static func checkpoint(in folder: String) throws -> String {
    let buffer = FlatBuffer(count: 2)
    var layout = ParameterLayout()
    layout.append("w", [2])
    let record = RunRecord(
      step: 12, epoch: 1, digest: Digest(of: buffer.view, layout: layout), config: "batch: 8\n",
      programs: ["lockstep": "1.0"], input: [28, 28, 1], classes: ["cat", "dög"], features: nil,
      metrics: ["loss": 0.25, "worst": .infinity])
    return try CheckpointStore(directory: folder + "/run", keeping: 1).save(
      ["model.safetensors": .tensors(layout.tensors(in: buffer.view)), "extra.bin": .bytes([1, 2, 3])], record: record
    ).path
  }

  /// `run.json` with its checksum made right again, where it has a place for one.
  static func resealed(_ bytes: [UInt8]) -> [UInt8] {
    let key = Array("\"checksum\" : \"sha256:".utf8)
    guard let start = bytes.firstRange(of: key)?.upperBound, start + 64 <= bytes.count else { return bytes }
    var bytes = bytes
    bytes.replaceSubrange(start..<start + 64, with: repeatElement(UInt8(ascii: "0"), count: 64))
    let digest = bytes.withUnsafeBytes(Digest.init(of:)).hex
    bytes.replaceSubrange(start..<start + 64, with: Array(digest.utf8))
    return bytes
  }

  /// One gzip member.
  static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard deflateInit2_(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else {
      throw Unexpected("a zlib that does not start")
    }
    defer { deflateEnd(&stream) }
    var bytes = bytes
    return try bytes.withUnsafeMutableBufferPointer { input in
      var packed = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(input.count))))
      let room = packed.count
      let code = packed.withUnsafeMutableBufferPointer { output in
        (stream.next_in, stream.avail_in) = (input.baseAddress, uInt(input.count))
        (stream.next_out, stream.avail_out) = (output.baseAddress, uInt(output.count))
        return deflate(&stream, Z_FINISH)
      }
      guard code == Z_STREAM_END else { throw Unexpected("a zlib that does not pack") }
      return Array(packed.prefix(room - Int(stream.avail_out)))
    }
  }
}
