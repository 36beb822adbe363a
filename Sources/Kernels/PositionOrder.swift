import CKernels
import Tensors

extension Kernels {
  /// Rows of `count` groups of `each` rows, the first rows of all groups first: from sample by sample to position by position, or back.
  ///
  /// Overwrites `target`, rounding where it has to; the two share no memory.
  package static func regroup(_ source: TensorView, groups count: Int, of each: Int, into target: TensorView) {
    let width = source.count / (count * each)
    precondition(
      source.count == count * each * width && target.count == source.count,
      "\(count) times \(each) rows from \(source.count) to \(target.count) numbers")
    let ends = (
      from: source.base, fromIsFloat: source.isFloat, to: target.base, toIsFloat: target.isFloat, count: count,
      each: each,
      width: width
    )
    Crew.split(count * each, cost: count * each * (4 + width / 8), over: ends) { ends, part in
      for row in part {
        // Row `row` of the target is number `row / count` of group `row % count`.
        let (place, group) = row.quotientAndRemainder(dividingBy: ends.count)
        let (first, n) = ((group * ends.each + place) * ends.width, ends.width)
        let to = row * ends.width
        switch (ends.fromIsFloat, ends.toIsFloat) {
        case (true, true): (ends.to + 4 * to).copyMemory(from: ends.from + 4 * first, byteCount: 4 * n)
        case (false, false): (ends.to + 2 * to).copyMemory(from: ends.from + 2 * first, byteCount: 2 * n)
        case (true, false):
          ck_bfloat16_round(
            (ends.to + 2 * to).assumingMemoryBound(to: UInt16.self),
            (ends.from + 4 * first).assumingMemoryBound(to: Float.self), Int64(n))
        case (false, true):
          ck_bfloat16_widen(
            (ends.to + 4 * to).assumingMemoryBound(to: Float.self),
            (ends.from + 2 * first).assumingMemoryBound(to: UInt16.self), Int64(n))
        }
      }
    }
  }

  /// Drops elements of `rows`, T·B of them position by position, as `dropout` does: `first` is the position in the batch of the first of
  /// B samples. Overwrites `target`, which may be `rows`.
  ///
  /// A sample's elements are counted with each position's begun at a multiple of 64.
  package static func dropout(
    _ rows: FloatView, samples: Int, positions: Int, rate: Double, random: Philox, layer: Int, first: Int, step: Int,
    into target: FloatView
  ) {
    let width = rows.count / (samples * positions)
    precondition(
      rows.count == samples * positions * width && target.count == rows.count,
      "\(positions) positions of \(samples) samples, \(rows.count) into \(target.count) floats")
    let kept = 1 - rate
    let task = (
      to: target.base, from: rows.base, width: width, samples: samples, threshold: UInt64((kept * 0x1p32).rounded()),
      scale: Float(1 / kept), key: random.key, layer: UInt32(truncatingIfNeeded: layer), first: first,
      step: UInt32(truncatingIfNeeded: step)
    )
    Crew.split(samples * positions, cost: rows.count, over: task) { task, part in
      let each = (task.width + 63) / 64 * 64
      for row in part {
        let (position, sample) = row.quotientAndRemainder(dividingBy: task.samples)
        ck_dropout_part(
          task.to + row * task.width, task.from + row * task.width, Int64(position * each), Int64(task.width),
          task.threshold, task.scale, task.key.x, task.key.y, task.layer,
          UInt32(truncatingIfNeeded: task.first + sample), task.step)
      }
    }
  }
}
