import CKernels

/// A product C (M × N) = A (M × K) · B (K × N) as its loops take it, which parts of C divide.
protocol ProductTask {
  var M: Int64 { get }
  var N: Int64 { get }
  var K: Int64 { get }
  /// Of one core, about.
  static var multiplyAddsPerNanosecond: Int { get }
  /// The same of some rows of C alone.
  func rows(_ part: Range<Int>) -> Self
  /// The same of some columns of C alone, which begin at a multiple of `CK_PACKED_COLUMNS`.
  func columns(_ part: Range<Int>) -> Self
  /// Computes it in this thread.
  func compute()
}

extension ProductTask {
  /// Computes it, where this thread leads a crew by parts of the longer axis: what all of them pack is then the smaller factor.
  func computeDivided() {
    // A part packs a factor of its own, so that more of them than threads pay where products are large alone.
    let cost = Int(M * N * K) / Self.multiplyAddsPerNanosecond
    let rounds = cost > 4_000_000 ? 2 : 1
    if M >= N {
      Crew.split(Int(M), cost: cost, rounds: rounds, over: self) { task, part in task.rows(part).compute() }
    } else {
      Crew.split(Int(N), cost: cost, unit: Int(CK_PACKED_COLUMNS), rounds: rounds, over: self) { task, part in
        task.columns(part).compute()
      }
    }
  }
}

extension ck_product_task: ProductTask {
  static var multiplyAddsPerNanosecond: Int { 50 }

  func rows(_ part: Range<Int>) -> Self {
    var task = self
    task.A.base += part.lowerBound * Int(A.row)
    task.C += part.lowerBound * Int(stride)
    task.rowSums = rowSums.map { $0 + part.lowerBound }
    task.epilogue.advance(by: part.lowerBound * Int(stride))
    task.M = Int64(part.count)
    return task
  }

  func columns(_ part: Range<Int>) -> Self {
    var task = self
    task.B.base += part.lowerBound * Int(B.column)
    task.C += part.lowerBound
    task.bias = bias.map { $0 + part.lowerBound }
    // A's sums are the same in all parts.
    if part.lowerBound > 0 { task.rowSums = nil }
    task.epilogue.advance(by: part.lowerBound)
    task.packed.base = packed.base.map { $0 + Int(ck_product_packed_count(K, Int64(part.lowerBound))) }
    task.N = Int64(part.count)
    return task
  }

  func compute() { withUnsafePointer(to: self) { ck_product($0) } }
}

extension ck_bfloat16_task: ProductTask {
  static var multiplyAddsPerNanosecond: Int { 100 }

  func rows(_ part: Range<Int>) -> Self {
    var task = self
    task.A.base += part.lowerBound * Int(A.row) * bytesOfNumber(A.isFloat)
    task.C += part.lowerBound * Int(stride) * bytesOfNumber(isFloat)
    task.rowSums = rowSums.map { $0 + part.lowerBound }
    task.epilogue.advance(by: part.lowerBound * Int(stride))
    task.M = Int64(part.count)
    return task
  }

  func columns(_ part: Range<Int>) -> Self {
    var task = self
    task.B.base += part.lowerBound * Int(B.column) * bytesOfNumber(B.isFloat)
    task.C += part.lowerBound * bytesOfNumber(isFloat)
    task.bias = bias.map { $0 + part.lowerBound }
    if part.lowerBound > 0 { task.rowSums = nil }
    task.epilogue.advance(by: part.lowerBound)
    task.packed.base = packed.base.map { $0 + Int(ck_bfloat16_packed_count(K, Int64(part.lowerBound))) }
    task.N = Int64(part.count)
    return task
  }

  func compute() { withUnsafePointer(to: self) { ck_bfloat16_product($0) } }
}

/// As the flags of C say it: 0 is none of floats.
func bytesOfNumber(_ isFloat: Int32) -> Int { isFloat != 0 ? 4 : 2 }
