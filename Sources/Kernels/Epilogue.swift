import CKernels
import Tensors

/// What is done with a product's elements as soon as some of its rows are there, while they lie in a cache.
///
/// The bits are those of the same work on the whole matrix behind the product: each element is computed from those of its place
/// alone.
package struct Epilogue {
  /// What an element becomes.
  package enum Work: Sendable {
    /// f(c)
    case activate(Activation)
    /// c · f'(s), s of `with`: the derivative's source, as `Activation.derivativeSource` says.
    case differentiate(Activation)
    /// c + s, s of `with`.
    case add
  }

  let work: Work
  let target: TensorView
  let with: TensorView?

  /// Overwrites `target`, which may be the product or `with` itself. Both have as many numbers as the product, which is not a part
  /// of a wider matrix.
  package init(_ work: Work, with: TensorView? = nil, into target: TensorView) {
    (self.work, self.target, self.with) = (work, target, with)
  }

  /// Calls `body` with what products of `c` take; it is valid during the call alone.
  func withTask(of c: Matrix, _ body: (ck_epilogue) -> Void) {
    let count = c.rows * c.columns
    precondition(
      c.stride == c.columns && target.count == count && (with?.count ?? count) == count,
      "\(count) products, \(target.count) numbers of them, \(with?.count ?? count) beside them")
    var task = ck_epilogue(
      kernel: nil, context: nil, y: target.base, yIsFloat: target.isFloat ? 1 : 0, with: with.map { .init($0.base) },
      withIsFloat: with?.isFloat == false ? 0 : 1)
    switch work {
    case .activate(let activation):
      task.kernel = Activation.forwardKernel
      withUnsafePointer(to: activation) {
        task.context = UnsafeRawPointer($0)
        body(task)
      }
    case .differentiate(let activation):
      task.kernel = Activation.backwardKernel
      withUnsafePointer(to: activation) {
        task.context = UnsafeRawPointer($0)
        body(task)
      }
    case .add:
      task.kernel = { y, c, s, n, _, _ in ck_add(y, c, s, n) }
      body(task)
    }
  }
}

/// A kernel as `ck_in_blocks` takes it, whose context is what it needs besides numbers.
typealias BlockKernel =
  @convention(c) (
    UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int64, Int64, UnsafeRawPointer?
  ) -> Void

extension Activation {
  /// y = f(x); the context is the activation.
  static let forwardKernel: BlockKernel = { y, x, _, n, _, activation in
    activation!.assumingMemoryBound(to: Activation.self).pointee.forward(x!, into: y!, n)
  }

  /// dx = dy · f'(source); the context is the activation.
  static let backwardKernel: BlockKernel = { dx, dy, source, n, _, activation in
    activation!.assumingMemoryBound(to: Activation.self).pointee.backward(dy!, from: source!, into: dx!, n)
  }
}

extension ck_epilogue {
  /// Begins so many numbers later.
  mutating func advance(by count: Int) {
    y = y.map { $0 + count * bytesOfNumber(yIsFloat) }
    with = with.map { $0 + count * bytesOfNumber(withIsFloat) }
  }
}
