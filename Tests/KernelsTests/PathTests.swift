import CKernels
import CKernelsPaths
import TestSupport
import Testing

/// The kernels' bits: fixed numbers, which every instruction set must give.
///
/// A change of numbers is a change of the contract: it changes these digests in a commit that says why. A failing test
/// prints the new ones. NaNs stay outside: whose payload survives is the processor's choice.
@Suite struct PathTests {
  @Test(arguments: [CK_PATH_CHOSEN, CK_PATH_BASELINE, CK_PATH_V3, CK_PATH_V4].map { Int32($0) })
  func bitsAreTheSameOnEveryInstructionSet(path: Int32) {
    guard ck_path_runs(path) != 0 else {
      return notTested("the bits of path \(path) of the kernels", because: "this processor cannot run it")
    }
    let found = KernelDigests(of: ck_path_of(path)).digests
    #expect(found.keys.sorted() == Self.goldens.keys.sorted())
    for (name, digest) in found.sorted(by: { $0.key < $1.key }) {
      #expect(digest == Self.goldens[name], "\(name) on path \(path)")
    }
  }

  /// The first 16 digits of the SHA-256 of each kernel's outputs.
  static let goldens: [String: String] = [
    "absolute error": "e830cfdb3cbbf993",
    "adam": "c3c5719b63bdddce",
    "add": "a0e63d7d85a8fd89",
    "average pool, overlapping": "877aae01817e6c10",
    "average pool, tiling": "b3107ecf16cb6632",
    "batch norm": "d265930abeb86d79",
    "attention": "40b0320487b22fe1",
    "attention's slopes, window and dropout": "7d3108f1ac94cf29",
    "rotary positions": "db80f60d082e09ef",
    "mean and maximum of positions": "ace04ba6be4dc360",
    "attention of one query": "0450c378ecd23be5",
    "bfloat16 batch norm": "9af2407524c96280",
    "bfloat16 pools, overlapping": "28a157e4b8c9801a",
    "bfloat16 pools, tiling": "c83142e54f2e6bcc",
    "bfloat16 sums and rectifiers": "df660a036b468624",
    "bfloat16 winograd": "b7144a13582b00c4",
    "bias backward": "f9ef89cd385c0673",
    "bias forward": "8fb2e6a65de3524c",
    "binary cross-entropy": "a4984e33c4a0fab8",
    "causal attention": "7792de029d32a9f9",
    "dropout": "da6ec071b4b7c6d7",
    "embedding": "96d1d13bb04e5166",
    "erf": "5ce39567a6da2773",
    "exp": "6dfecab9538c9db7",
    "first non-finite": "b4334d4ce7c04663",
    "huber": "ba21f21ca5007a70",
    "lamb": "e9c97444c8e66174",
    "max pool, overlapping": "69d980aa0f7c7088",
    "max pool, tiling": "b9008647c2857682",
    "gelu backward": "152fac305b67ad8c",
    "gelu forward": "17cb04dd5871d1ee",
    "gelu tanh backward": "d5bfae314b25af0c",
    "gelu tanh forward": "6fc96989d9b90791",
    "layer norm": "ee4a3bdce67ad302",
    "leaky relu backward": "f1dbf8e325e78683",
    "leaky relu forward": "0561874dc7f2e67f",
    "multiply": "38b79f9b11a7a8be",
    "quantile": "722613467f07fd02",
    "relu backward": "fde089114aaee565",
    "relu forward": "1798711f12e79416",
    "rmsprop": "93d3085fb11fe37d",
    "rmsprop, centered": "98fc1b1a8bccc9bf",
    "rows that occur": "07f7641694908b9a",
    "running mean": "8d70788620e2a1ed",
    "sgd, momentum": "c0926cfdcadb563b",
    "sgd, nesterov": "a426215a01e75980",
    "sgd, plain": "1511d162ef126b88",
    "sigmoid backward": "11f378f455098a5d",
    "sigmoid forward": "b4f4ee3a630a2e35",
    "smoothed cross-entropy": "8838818d2c330f5a",
    "silu backward": "39cdb2f2c0207a02",
    "silu forward": "1c692c2909b00c1d",
    "softmax": "7fd1859ccf0b443f",
    "softmax backward": "0b87545ae5d30b78",
    "softmax cross-entropy": "ff4927c24721cbdd",
    "square sums": "5a0bc348a6fb067f",
    "squared error": "a43c005ee2f9f74e",
    "tanh backward": "4c9d64ab04bb041f",
    "tanh forward": "9738ed4cac3468d1",
    "weighted binary cross-entropy": "ffc5165c7f23a32c",
    "weighted cross-entropy": "1604400f7d1c654b",
    "adaptive pools": "aa019b3799aa35ac",
    "bfloat16 gates of channels": "3d3a14335b13d07e",
    "bfloat16 group norm": "86c999e10787c545",
    "bfloat16 prelu": "2483afd9f6eaa710",
    "elu backward": "b8ced251b08dfec8",
    "elu forward": "84c4122fd26cdee2",
    "gates of channels": "d9da6d1483d38713",
    "group norm": "dd6601de47af2991",
    "hard sigmoid backward": "4769349af84f1e5c",
    "hard sigmoid forward": "2d13d98420d2a920",
    "hard swish backward": "d4ff5446bb9b0854",
    "hard swish forward": "31fadd5a1d4e49e7",
    "mish backward": "8b2dd34f133dfa81",
    "mish forward": "c161e568d57ac58c",
    "pools of large windows": "a723cd8fe48634ed",
    "prelu": "b255b16dd4cceca2",
    "relu6 backward": "fde089114aaee565",
    "relu6 forward": "1be7ce7e74d6be6e",
    "rms norm": "6661c32a7366a84a",
    "softplus backward": "c1a45dbe6c299bcb",
    "softplus forward": "d0bb63db889c3695",
    "winograd": "421e0624f65424a5",
    "adagrad": "1135b1f0d35bb812",
    "amsgrad": "86e44a32a8b7a4ee",
    "bags of tokens": "8961ce557653de68",
    "gru": "caca3d8506fb2226",
    "lion": "5ddcaa8a9e68f360",
    "lstm": "df176a464cd4b5c9",
    "distillation": "ed47620af32f5940",
    "imitation": "c8de63420f6458e7",
    "rounding to bytes": "d407f2eab4e58fc3",
    "zeros": "41de004e024fa4a9",
  ]
}
