import CKernels

/// The vectors that products and convolutions are computed with. No result depends on them.
public enum InstructionSet: String, Sendable, CaseIterable {
  /// What every processor of its kind has; where that is without fused multiply-adds, the C library computes each, slowly.
  case plain
  case avx2
  /// With its products of bfloat16 numbers where the processor has them.
  case avx512
  case neon

  /// The widest that this processor has.
  package static var ofThisProcessor: InstructionSet { allCases.last(where: \.isHere)! }

  /// Whether this processor has it, and this program kernels for it.
  package var isHere: Bool { ck_product_runs(path) != 0 }

  /// From here on this process computes with it; it must be here.
  package func use() {
    precondition(isHere, "\(rawValue) is not here")
    ck_product_use(path)
  }

  private var path: Int32 {
    switch self {
    case .plain: Int32(CK_PRODUCT_PLAIN)
    case .avx2: Int32(CK_PRODUCT_AVX2)
    case .avx512:
      Int32(ck_product_runs(Int32(CK_PRODUCT_AVX512_BF16)) != 0 ? CK_PRODUCT_AVX512_BF16 : CK_PRODUCT_AVX512)
    case .neon: Int32(CK_PRODUCT_NEON)
    }
  }
}

extension Kernels {
  /// Prepares the calling thread for good: denormals count as zero.
  ///
  /// For threads of our own; what runs on a caller's thread goes through `asLane`.
  package static func prepareThread() { _ = ck_flush_denormals() }

  /// Runs `body` as a lane computes: denormals count as zero until it returns.
  package static func asLane<Result>(_ body: () throws -> Result) rethrows -> Result {
    let state = ck_flush_denormals()
    defer { ck_restore_denormals(state) }
    return try body()
  }
}
