import Foundation
import TestSupport
import Testing

/// Files from somebody else, damaged in many ways: a value or a failure comes of each, in bounded time and memory.
///
/// `LOCKSTEP_FUZZ_INPUTS` and `LOCKSTEP_FUZZ_SEED` choose how many and which; `scripts/torture` takes a million.
@Suite(.serialized, .waiting) struct FuzzTests {
  static let environment = ProcessInfo.processInfo.environment
  static let inputs = environment["LOCKSTEP_FUZZ_INPUTS"].flatMap(Int.init) ?? 1000
  static let seed = environment["LOCKSTEP_FUZZ_SEED"] ?? "1"

  @Test(arguments: [
    "safetensors", "record", "idx", "gzip", "csv", "table", "date", "jsonl", "parquet", "npy", "npz", "text",
    "vocabulary", "configuration", "override", "filter", "hostfile", "number", "pth", "onnx", "picture", "exif", "tar",
    "shards", "sentencepiece", "sound", "prepared-sounds",
  ])
  func damagedFiles(parser: String) throws {
    let folder = try Folder()
    let ended = try run(
      builtProduct("fuzz-parsers"), [parser, folder.path, Self.seed, "0", "\(Self.inputs)"],
      deadline: 120 + 0.02 * Double(Self.inputs))
    print(ended.output, terminator: "")
    #expect(ended.code == 0, "\(parser), seed \(Self.seed): \(ended.output)\(ended.errors)")
    guard ended.code != 0 else { return }
    for name in folder.names() where name.hasPrefix("input") {
      let bytes = FileManager.default.contents(atPath: folder[name]) ?? Data()
      print("the last input of \(parser), in base64: \(bytes.base64EncodedString())")
    }
  }
}
