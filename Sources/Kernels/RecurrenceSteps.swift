import CKernels
import Tensors

// Letters as in Recurrence.swift.

extension RecurrenceKernel {
  /// What follows the product of position `t`, divided by samples.
  func advance(
    _ memory: RecurrenceMemory, _ t: Int, gates: FloatView, sums: FloatView?, _ lengths: UnsafePointer<Int32>?
  ) {
    let h = states(memory.outputs, t + 1), last = states(memory.outputs, before(t))
    let (H, W, G) = (hidden, width, gateWidth)
    if let sums {
      let kept = block(memory.kept, t, H)
      let task = (gates.base, kept.base, h.base, sums.base, last.base, lengths)
      Crew.split(samples, cost: samples * 2 * H, over: (task, t, H, W, G)) { of, part in
        let (task, t, H, W, G) = of
        let b = part.lowerBound
        ck_gru_forward(
          task.0 + b * G, task.1 + b * H, task.2 + b * W, task.3 + b * G, task.4 + b * W, task.5.map { $0 + b },
          Int64(t), Int64(part.count), Int64(H), Int64(W))
      }
    } else {
      let (cells, squashed) = cells(memory.kept)
      let task = (
        gates.base, block(cells, t + 1, H).base, block(squashed, t, H).base, h.base, block(cells, before(t), H).base,
        lengths
      )
      Crew.split(samples, cost: samples * 3 * H, over: (task, t, H, W, G)) { of, part in
        let (task, t, H, W, G) = of
        let b = part.lowerBound
        ck_lstm_forward(
          task.0 + b * G, task.1 + b * H, task.2 + b * H, task.3 + b * W, task.4 + b * H, task.5.map { $0 + b },
          Int64(t), Int64(part.count), Int64(H), Int64(W))
      }
    }
  }

  /// What precedes the product of position `t` on the way back, divided by samples.
  func retreat(
    _ memory: RecurrenceMemory, _ t: Int, dy: FloatView, dh: FloatView, dc: FloatView, dsums: FloatView,
    _ lengths: UnsafePointer<Int32>?
  ) {
    let gates = block(memory.gates, t, gateWidth)
    let (H, W, G) = (hidden, width, gateWidth)
    switch cell {
    case .lstm:
      let (cells, squashed) = cells(memory.kept)
      let task = (
        gates.base, dc.base, dh.base, dy.base, block(cells, before(t), H).base, block(squashed, t, H).base, lengths
      )
      Crew.split(samples, cost: samples * H, over: (task, t, H, W, G)) { of, part in
        let (task, t, H, W, G) = of
        let b = part.lowerBound
        ck_lstm_backward(
          task.0 + b * G, task.1 + b * H, task.2 + b * H, task.3 + b * W, task.4 + b * H, task.5 + b * H,
          task.6.map { $0 + b }, Int64(t), Int64(part.count), Int64(H), Int64(W))
      }
    case .gru:
      let last = states(memory.outputs, before(t)), kept = block(memory.kept, t, H)
      let task = (gates.base, dsums.base, dh.base, dy.base, last.base, kept.base, lengths)
      Crew.split(samples, cost: samples * H, over: (task, t, H, W, G)) { of, part in
        let (task, t, H, W, G) = of
        let b = part.lowerBound
        ck_gru_backward(
          task.0 + b * G, task.1 + b * G, task.2 + b * H, task.3 + b * W, task.4 + b * W, task.5 + b * H,
          task.6.map { $0 + b }, Int64(t), Int64(part.count), Int64(H), Int64(W))
      }
    }
  }
}

/// The weights of all steps of a pass, packed once for them.
struct StepFactor {
  let matrix: Matrix
  let precision: NumberFormat
  let packed: ck_packed

  /// `memory` has room for any instruction set.
  init(_ matrix: Matrix, _ precision: NumberFormat, in memory: FloatView) {
    precondition(memory.count >= PackedFactor.count(matrix, precision), "too little memory for a packed factor")
    Kernels.pack(matrix, in: precision, into: memory)
    (self.matrix, self.precision) = (matrix, precision)
    packed = ck_packed(base: memory.base, path: ck_product_path())
  }

  func multiply(_ a: Matrix, into c: FloatView, adds: Bool, bias: FloatView?) {
    Kernels.product(
      a, matrix, adds: adds, Matrix(c, rows: a.rows, columns: matrix.columns), precision, bias: bias, nil, packed,
      ck_epilogue())
  }
}
