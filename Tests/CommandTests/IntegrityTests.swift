import Foundation
import TestSupport
import Testing

extension ComparingCommandTests {
  /// Hardware that lies is found, and users can see the promise kept on their own model.
  @Suite(.serialized) struct IntegrityTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    @Test func aFlippedBitInTheParametersIsNamed() throws {
      let settings = ["compare-every=6", "shared-memory=false"].flatMap { ["--set", $0] }
      let ended = try lockstep(
        ["train", "two-class", "-q", "-o", folder["run"]] + settings, ranks: 3,
        environment: ["LOCKSTEP_FAULT": "flip-parameter:rank=1:step=5"])
      expectComplaint(
        70, "step 6: the parameters of rank 1 on", ended, besides: 1)
      #expect(complaints(ended).first?.contains("are not those of the other ranks, first in 0.weight") == true)
      #expect(checkpoints(folder, "run") == [], "none is written of parameters that ranks do not agree on")
    }

    @Test func anAuditNamesTheRankThatComputesWrongly() throws {
      try digest(["two-class", "-q", "-o", folder["run"], "--set", "epochs=1"])
      let sound = try lockstep(["audit", folder["run"]], ranks: 3)
      #expect(sound.code == 0 && sound.output == "3 ranks computed the same bits: 4 micro-batches of step 64\n")
      let broken = try lockstep(
        ["audit", folder["run"]], ranks: 3, environment: ["LOCKSTEP_FAULT": "flip-leaf:rank=2:step=64"])
      expectComplaint(70, "step 64, micro-batch 0: the gradient of rank 2 on", broken)
      expectComplaint(64, "one rank has no other to compare with", try lockstep(["audit", folder["run"]]))
    }

    /// Before the first step, so that nothing is written of what cannot be trusted.
    @Test func aRankThatComputesOtherBitsDoesNotBegin() throws {
      let ended = try lockstep(
        ["train", "two-class", "-q", "-o", folder["run"]], ranks: 3,
        environment: ["LOCKSTEP_FAULT": "flip-backward:rank=1"])
      expectComplaint(69, "model.0 (dense), backward: the bits of rank 1 on", ended, besides: 1)
      #expect(!FileManager.default.fileExists(atPath: folder["run"]), "and leaves nothing behind")
    }

    @Test func everyWayGivesTheSameBits() throws {
      let ended = try lockstep(
        ["verify", "two-class", "--ranks", "1,2,3", "--lanes", "1,2", "--steps", "6", "--kill"], deadline: 120)
      #expect(ended.code == 0, "\(ended.output)\(ended.errors)")
      #expect(lines(ended.output).last == "all 12 ways gave the same bits")
    }

    /// Each fault that changes bits on some ranks alone is caught, with the step in which it came. Of a model of several
    /// blocks rank 1 owns some.
    @Test(arguments: [
      ("micro-batch=8", "native", "step "), ("batch=64", "flip-leaf:rank=1:step=3", "step 3, slot "),
      ("model=[dense: 600, relu, dense: 2]", "flip-sum:rank=1:step=3", "step 3, slot "),
    ])
    func otherBitsAreCaught(setting: String, fault: String, place: String) throws {
      let settings = [setting] + (fault == "native" ? ["reduction=native"] : [])
      let ended = try lockstep(
        ["verify", "two-class", "--ranks", "1,2,3", "--lanes", "1", "--steps", "6"]
          + settings.flatMap { ["--set", $0] },
        environment: fault == "native" ? [:] : ["LOCKSTEP_FAULT": fault], deadline: 120)
      #expect(ended.code == 70, "\(ended.output)\(ended.errors)")
      #expect(ended.output.contains("DIFFERS from \(place)"), "\(ended.output)")
    }

    /// A seed that a rank's number goes into is the mistake that this design rules out: verify must tell it from sound
    /// runs, in the first step.
    @Test(arguments: ["key-order", "key-dropout"])
    func seedsKeyedByTheRankAreCaught(fault: String) throws {
      let model = "model=[dense: 16, relu, dropout: 0.5, dense: 2]"
      let verify = ["verify", "two-class", "--ranks", "1,2,3", "--lanes", "1", "--steps", "3", "--set", model]
      let ended = try lockstep(verify, environment: ["LOCKSTEP_FAULT": fault], deadline: 120)
      expectComplaint(70, "two-class: 2 of 3 ways to train gave other bits", ended)
      #expect(ended.output.matches(of: #/DIFFERS from step 1, slot 0\.(weight|bias) on/#).count == 2, "\(ended.output)")
      #expect(try lockstep(verify, deadline: 120).code == 0)
    }

    @Test func aRunStopsAfterAsManySteps() throws {
      let ended = try lockstep(["train", "two-class", "-q", "-o", folder["run"], "--set", "stop-after=5"], ranks: 2)
      #expect(ended.code == 75)
      #expect(checkpoints(folder, "run") == [5])
    }
  }
}
