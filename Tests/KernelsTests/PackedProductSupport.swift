import CKernels
import Testing

extension ck_product_task {
  /// Calls `body` with B packed for the path of this thread, in two parts, between floats that nobody may touch; B itself is not there.
  func withPacked(_ body: (inout Self) -> Void) {
    var task = self
    inPackedMemory(K: K, N: N, count: ck_product_packed_count) { memory, first, count in
      ck_product_pack(K, first, count, B, memory)
    } body: { memory in
      task.packed = ck_packed(base: memory, path: ck_product_path())
      // A row of one column is multiplied the other way round, and reads B.
      if N > 1 { task.B.base = nil }
      body(&task)
    }
  }
}

extension ck_bfloat16_task {
  func withPacked(_ body: (inout Self) -> Void) {
    var task = self
    inPackedMemory(K: K, N: N, count: ck_bfloat16_packed_count) { memory, first, count in
      ck_bfloat16_pack(K, first, count, B, memory)
    } body: { memory in
      task.packed = ck_packed(base: memory, path: ck_product_path())
      // The definition computes what has no steps.
      if K > 0 { task.B.base = nil }
      body(&task)
    }
  }
}

private func inPackedMemory(
  K: Int64, N: Int64, count: (_ K: Int64, _ N: Int64) -> Int64,
  pack: (_ to: UnsafeMutablePointer<Float>, _ first: Int64, _ count: Int64) -> Void,
  body: (UnsafePointer<Float>) -> Void
) {
  let floats = Int(count(K, N))
  let guarded = UnsafeMutableBufferPointer<Float>.allocate(capacity: floats + 32)
  defer { guarded.deallocate() }
  guarded.initialize(repeating: 7)
  let memory = guarded.baseAddress! + 16
  let cut = N / 2 / Int64(CK_PACKED_COLUMNS) * Int64(CK_PACKED_COLUMNS)
  pack(memory + Int(count(K, cut)), cut, N - cut)
  pack(memory, 0, cut)
  body(memory)
  if !(guarded.prefix(16) + guarded.suffix(16)).allSatisfy({ $0 == 7 }) {
    Issue.record("packing \(K)×\(N) has written outside of its \(floats) floats")
  }
}
