import CKernels
import COneDNN
import Diagnostics
import Synchronization

/// The instruction set path of the matrix products: their bits depend on it, those of our own loops do not.
public enum InstructionSet: String, Sendable, CaseIterable, Comparable {
  case sse41
  case avx2
  case avx512
  /// Not x86-64: oneDNN chooses by itself.
  case other

  /// The highest path that this processor has.
  package static var ofThisProcessor: InstructionSet { allCases[Int(COneDNN_instruction_set())] }

  public static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.place < b.place }

  private var place: Int { Self.allCases.firstIndex(of: self)! }

  /// Caps oneDNN with this path for the whole process; a later call may only repeat the first.
  package func use() throws {
    try Self.chosen.withLock { chosen in
      if let chosen {
        guard chosen == self else {
          throw Failure(
            .internal, "this process computes with \(chosen.rawValue) already, and \(rawValue) is asked for",
            cure: "start the process anew")
        }
        return
      }
      let status = COneDNN_set_max_cpu_isa(Int32(place))
      // Where products came before any cap, they take the highest path: then it is the one that can still be had.
      guard status == 0 || self == .ofThisProcessor else {
        throw Failure(
          .internal, "oneDNN cannot be capped with \(rawValue): \(String(cString: COneDNN_status(status)))",
          cure: "it was used before; start the process anew")
      }
      chosen = self
    }
  }

  private static let chosen = Mutex<InstructionSet?>(nil)
}

extension Kernels {
  /// Prepares the calling thread for good: oneDNN works in it alone, and denormals count as zero.
  ///
  /// For threads of our own; what runs on a caller's thread goes through `asLane`.
  package static func prepareThread() {
    COneDNN_single_thread()
    _ = ck_flush_denormals()
  }

  /// Runs `body` as a lane computes: oneDNN works in this thread alone, and denormals count as zero until it returns.
  package static func asLane<Result>(_ body: () throws -> Result) rethrows -> Result {
    COneDNN_single_thread()
    let state = ck_flush_denormals()
    defer { ck_restore_denormals(state) }
    return try body()
  }

  /// oneDNN's version, `2.6.3`.
  package static var oneDNNVersion: String { String(cString: COneDNN_version()) }
}
