import TestSupport
import Testing

@testable import Lockstep

/// `transport` and `gradient-transforms` in a configuration.
@Suite struct TransportSettingTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private static let settings = ["data.two-class.train=256", "batch=64", "micro-batch=16", "epochs=2"]

  /// Whichever way gradients travel, the bits are the same.
  @Test func noTransportLeavesATrace() throws {
    let digest = try train("two-class", Self.settings, in: folder["one"])
    for ranks in 1...3 {
      for more in [
        ["transport=memory"], ["transport=messages"], ["transport=messages", "shared-memory=false"], ["transport=null"],
      ] {
        let run = "\(ranks)-\(more.joined(separator: "-"))"
        #expect(try train("two-class", Self.settings + more, in: folder[run], ranks: ranks) == digest, "\(run)")
      }
    }
    try train("two-class", Self.settings + ["reduction=native", "transport=native"], in: folder["native"], ranks: 2)
  }

  /// In one line, the same on all ranks, before anything is written.
  @Test func oneThatDoesNotServeIsRefused() throws {
    for (more, message) in [
      (
        ["transport=memory", "shared-memory=false"],
        "transport: expected one that serves these ranks, found memory: the ranks have no memory that all of them see; "
          + "leave it out, or set it to messages"
      ),
      (["transport=native"], "found native: MPI adds in an order of its own, and reduction is canonical; leave it out"),
      (["transport=memory", "reduction=native"], "found memory: it adds along the tree, and reduction is native"),
    ] {
      expectFailure(.badConfiguration, message) {
        try train("two-class", Self.settings + more, in: folder["run"], ranks: 2)
      }
    }
    #expect(!folder.exists("run"))
  }

  /// `clip-norm` is a clipping at the end of the list.
  @Test func theListAndItsShorthand() throws {
    let short = try train("two-class", Self.settings + ["clip-norm=0.05"], in: folder["short"])
    let listed = ["gradient-transforms=[{clip-by-global-norm: {limit: 0.05}}]"]
    #expect(try train("two-class", Self.settings + listed, in: folder["listed"], ranks: 3) == short)
    #expect(try train("two-class", Self.settings, in: folder["none"]) != short)
    let data = Dataset.twoClass(count: 64, seed: 1, part: .train)
    func own(_ transforms: [any GradientTransform], _ clip: Double?) throws -> [any GradientTransform] {
      try RunConfiguration(name: "own", train: data, gradientTransforms: transforms, clipNorm: clip) {
        Dense(units: 2)
      }.gradientTransforms
    }
    #expect(try own([], 1).count == 1 && own([ClipByGlobalNorm(limit: 2)], nil).count == 1)
    expectFailure(.badConfiguration, "gradient-transforms: expected clip-by-global-norm once, found it in the list") {
      _ = try own([ClipByGlobalNorm(limit: 2)], 1)
    }
  }
}
