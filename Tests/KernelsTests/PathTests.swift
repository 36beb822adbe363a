import CKernels
import CKernelsPaths
import Testing

/// The kernels' bits: fixed numbers, which every instruction set must give.
///
/// A change of numbers is a change of the contract: it changes these digests in a commit that says why. A failing test
/// prints the new ones. NaNs stay outside: whose payload survives is the processor's choice.
@Suite struct PathTests {
  @Test(arguments: [CK_PATH_CHOSEN, CK_PATH_BASELINE, CK_PATH_V3, CK_PATH_V4].map { Int32($0) })
  func bitsAreTheSameOnEveryInstructionSet(path: Int32) {
    guard ck_path_runs(path) != 0 else {
      print("SKIPPED: this processor cannot run path \(path) of the kernels; its bits were not checked")
      return
    }
    let found = KernelDigests(of: ck_path_of(path)).digests
    #expect(found.keys.sorted() == Self.goldens.keys.sorted())
    for (name, digest) in found.sorted(by: { $0.key < $1.key }) {
      #expect(digest == Self.goldens[name], "\(name) on path \(path)")
    }
  }

  /// The first 16 digits of the SHA-256 of each kernel's outputs.
  static let goldens: [String: String] = [
    "adam": "ec8ab1199a791ba0",
    "add": "a0e63d7d85a8fd89",
    "bias backward": "f9ef89cd385c0673",
    "bias forward": "8fb2e6a65de3524c",
    "binary cross-entropy": "9f4d4ec7557a71aa",
    "dropout": "da6ec071b4b7c6d7",
    "exp": "6dfecab9538c9db7",
    "first non-finite": "b4334d4ce7c04663",
    "relu backward": "fde089114aaee565",
    "relu forward": "1798711f12e79416",
    "sgd, momentum": "c0926cfdcadb563b",
    "sgd, nesterov": "a426215a01e75980",
    "sgd, plain": "1511d162ef126b88",
    "sigmoid backward": "11f378f455098a5d",
    "sigmoid forward": "b4f4ee3a630a2e35",
    "softmax": "7fd1859ccf0b443f",
    "softmax cross-entropy": "74d8a75171bb2076",
    "square sums": "5a0bc348a6fb067f",
    "squared error": "a43c005ee2f9f74e",
    "tanh backward": "4c9d64ab04bb041f",
    "tanh forward": "9738ed4cac3468d1",
  ]
}
