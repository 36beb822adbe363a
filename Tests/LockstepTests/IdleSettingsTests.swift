import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Settings that would do nothing, or not what they seem to: told in a line, before anything is trained.
@Suite struct IdleSettingsTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.write("corpus.txt", (0..<60).map { "line \($0 % 7): the cat sat on mat \($0 % 10).\n" }.joined())
  }

  private func text(_ layer: String) -> [String] {
    [
      "data={text: {file: \(folder["corpus.txt"]), length: 12, vocabulary: 32, test-share: 0.2}}", "standardise=none",
      "model=[{embedding: {vocabulary: 32, width: 8}}, \(layer), {dense: 32}]", "epochs=1", "batch=16", "micro-batch=8",
    ]
  }

  /// A model of what comes next that sees it.
  @Test(arguments: [
    ("{attention: {heads: 2}}", "model.1 (attention): expected layers by which no position sees", "; set causal: true"),
    (
      "{gru: {units: 4, bidirectional: true}}", "model.1 (gru)",
      "found one that sees the answer; leave bidirectional out"
    ),
    ("{lstm: {units: 4, bidirectional: true}}", "model.1 (lstm)", "; leave bidirectional out"),
    ("{convolution-1d: {channels: 8, kernel: 3, padding: same}}", "model.1 (convolution-1d)", "or look back"),
  ])
  func theAnswerIsNotSeen(layer: String, message: String, cure: String) throws {
    let found = failure { try train("two-class", text(layer), in: folder["run"]) }
    #expect(found?.code == .badConfiguration, "\(found as Any)")
    #expect(
      found?.description.contains(message) == true && found?.description.contains(cure) == true, "\(found as Any)")
    #expect(!FileManager.default.fileExists(atPath: folder["run"]))
  }

  @Test(arguments: [
    "{attention: {heads: 2, causal: true}}", "{gru: 6}", "{convolution-1d: {channels: 8, kernel: 3, padding: causal}}",
  ])
  func whatLooksBackLearns(layer: String) throws {
    try train("two-class", text(layer), in: folder["run"])
  }

  @Test func paddingIsATokenOfTheData() throws {
    let settings = text("{gru: 6}").map {
      $0.replacing("width: 8", with: "width: 8, padding: 40").replacing(
        "vocabulary: 32, width", with: "vocabulary: 64, width")
    }
    let found = failure { try train("two-class", settings, in: folder["run"]) }
    #expect(
      found?.description.contains(
        "model.0 (embedding): expected padding to be one of the data's 32 tokens, from 0, found 40") == true,
      "\(found as Any)")
  }

  @Test(arguments: [
    ("patience: 3", 1, 4, true), ("patience: 3", 1, 5, false), ("patience: 3", 5, 10, true),
    ("patience: 3", 5, 11, false),
    ("patience: 6", 5, 15, true), ("patience: 6", 5, 16, false),
  ])
  func aPlateauThatNeverEndsIsTold(patience: String, every: Int, epochs: Int, isTold: Bool) throws {
    let run = try configuration(
      "data: two-class\nmodel: [{dense: 2}]\nschedule: {plateau: {\(patience)}}\nevaluate-every: \(every)\nepochs: \(epochs)\n"
    )
    #expect((run.plateauNote != nil) == isTold, "\(run.plateauNote ?? "none")")
    #expect(run.plateauNote?.contains("never lets the learning rate fall") ?? true)
  }

  @Test(arguments: ["rate-decay: 1e300", "initial: 1e30", "initial: -1"])
  func adagradsSettingsAreBounded(setting: String) throws {
    let found = failure {
      _ = try configuration("data: two-class\nmodel: [{dense: 2}]\noptimizer: {adagrad: {\(setting)}}\n")
    }
    #expect(found?.description.contains("optimizer.adagrad.\(setting.prefix { $0 != ":" })") == true, "\(found as Any)")
  }
}
