import Checkpoints
import Foundation
import Goldens
import TestSupport
import Testing

@testable import Lockstep

/// A run that starts from weights that others made: the same bits whatever the file and the number of ranks, and a receipt of it.
@Suite struct StartTests {
  private static let settings = ["data.two-class.train=256", "epochs=2"]

  private func start(_ kind: String, _ file: String, _ more: String = "") -> String {
    "start-from={\(kind): \(goldenPath("weights/\(file)"))\(more)}"
  }

  @Test func theBitsAreThoseOfTheNumbers() throws {
    let folder = try Folder()
    let settings = Self.settings + ["checkpoint-at-start=true"]
    let renamed = ", names: {\"model.layers.*\": \"*\"}"
    let digest = try train("two-class", settings + [start("pytorch", "two-class.pth")], in: folder["1"])
    #expect(try train("two-class", settings, in: folder["other"]) != digest)
    for (ranks, setting) in [
      (2, start("pytorch", "two-class-legacy.pth")), (3, start("safetensors", "two-class.safetensors")),
      (1, start("onnx", "gemm.onnx")), (2, start("pytorch", "training.ckpt", renamed)),
      (1, "start-from={checkpoint: \(folder["1/step-00000000"])}"),
    ] {
      let run = folder["run"]
      #expect(try train("two-class", settings + [setting], in: run, ranks: ranks) == digest, "\(setting)")
      try folder.remove("run")
    }
    let table = try folder.text("1/start-from.txt")
    #expect(table.contains("0.weight  16×2   0.weight  F32"))
  }

  /// The file's digest is in the checkpoints and in the receipt, from which a resumed run, which does not read the file, has it.
  @Test func theBaseIsRecordedAndReadOnce() throws {
    let folder = try Folder()
    try FileManager.default.copyItem(atPath: goldenPath("weights/two-class.pth"), toPath: folder["base.pth"])
    let setting = "start-from={pytorch: \(folder["base.pth"])}"
    let digest = try train("two-class", Self.settings + [setting], in: folder["whole"])
    let receipt = try Receipt(ofRun: folder["whole"])
    let link = try #require(receipt.links.first { $0.name == "start" })
    #expect(link.inputs?.first == "base.pth \(link.output)" && link.output.hasPrefix("sha256:"))
    #expect(try Model(folder["whole"]).record.startFrom == "base.pth \(link.output)")

    try folder.copy("whole", to: "run")
    try folder.remove("run/step-00000008")
    try folder.remove("base.pth")
    #expect(try train("two-class", Self.settings + [setting], in: folder["run"], ranks: 2, start: .resume) == digest)
    #expect(try Receipt(ofRun: folder["run"]) == receipt)
    #expect(try Model(folder["run"]).record == Model(folder["whole"]).record)
    try folder.remove("run/step-00000008")
    expectFailure(.badConfiguration, "expected start-from as it was (base.pth sha256:") {
      try train("two-class", Self.settings, in: folder["run"], ranks: 2, start: .resume)
    }
  }

  /// A layer of another shape starts as it says where that is asked for, and only there; the last one may be missing in the file.
  @Test func aNewHead() throws {
    let folder = try Folder()
    let wide = Self.settings + ["model=[{dense: 16}, relu, {dense: 4}, relu, {dense: 2}]"]
    expectFailure(.badData, "tensor \"2.weight\": expected shape 4×16, as slot 2.weight has, found 2×16; a new head") {
      try train("two-class", wide + [start("pytorch", "two-class.pth")], in: folder["run"])
    }
    #expect(folder.names() == [])
    let skipped = start("pytorch", "two-class.pth", ", skip: [\"2.*\"]")
    try train("two-class", wide + [skipped, "checkpoint-at-start=true"], in: folder["run"], ranks: 2)
    let (own, base) = (try Model(folder["run/step-00000000"]), try golden("weights/weights.json", as: Weights.self))
    #expect(own.parameters.view[0..<32].array == base.twoClass[0].values.map { Float($0) })
    let other = start("pytorch", "two-class.pth", ", names: {\"2.*\": null}, missing: allow")
    try train("two-class", wide + [other], in: folder["other"])
    #expect(try folder.text("other/start-from.txt").contains("2.bias    4      as its layer says"))
  }

  private struct Weights: Decodable {
    struct Tensor: Decodable { let values: [Double] }
    let twoClass: [Tensor]
    enum CodingKeys: String, CodingKey { case twoClass = "two-class" }
  }

  @Test(arguments: [
    ("two-class.pth", ", names: {\"1.*\": \"3.*\"}", "\"1.*\" fits no tensor of"),
    ("two-class.pth", ", skip: [\"4.*\"]", "\"4.*\" fits no slot"),
    (
      "two-class.pth", ", names: {\"0.weight\": \"2.weight\"}",
      "expected one tensor for 2.weight, found 0.weight and 2.weight"
    ),
    ("two-class.pth", ", names: {\"0.*\": null}", "expected a tensor for slot 0.weight (16×2), found none"),
    (
      "two-class.pth", ", names: {\"*\": \"a.*\"}",
      "expected a tensor for slot 0.weight (16×2), found none; the nearest name is"
    ),
    ("two-class.pth", ", names: {\"0.*\": \"*.*\"}", "expected at most as many * in \"*.*\" as in \"0.*\", found more"),
    ("two-class.pth", ", missing: never", "expected one of refuse, allow"),
    ("two-class.pth", ", onnx: a.onnx", "expected one of safetensors, pytorch, onnx, checkpoint, found 2"),
    ("nan.pth", ", missing: allow", "tensor \"0.weight\": expected shape 16×2"),
    ("none.pth", "", "No such file"),
  ])
  func whatDoesNotFitIsNamed(file: String, more: String, message: String) throws {
    let folder = try Folder()
    let found = failure { try train("two-class", [start("pytorch", file, more)], in: folder["run"], ranks: 2) }
    #expect(found?.description.contains(message) == true, "\(found as Any)")
    #expect(folder.names() == [])
  }

  @Test func numbersThatAreNotFinite() throws {
    let folder = try Folder()
    let settings = ["model=[{dense: {units: 2, bias: false}}]", start("pytorch", "nan.pth")]
    expectFailure(.badData, "tensor \"0.weight\": expected finite numbers, found nan at place 0; take weights") {
      try train("two-class", settings, in: folder["run"], ranks: 2)
    }
  }
}
