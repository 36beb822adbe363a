import Tensors

/// The passes of a layer that moves a window of weights over pictures, one way or the other.
///
/// Arguments share no memory; `scratch` holds `scratchCount` floats, 64-byte aligned, whose content does not matter.
package protocol ConvolutionPasses: Sendable {
  /// Floats of scratch memory that any of the passes needs.
  var scratchCount: Int { get }
  /// Overwrites `y` with the outputs of `x`.
  func forward(_ x: TensorView, weight: FloatView, bias: FloatView?, into y: TensorView, scratch: FloatView)
  /// Overwrites `dweight` and, where there is one, `dbias` with the gradients summed over all samples, and `dx`, where given, with that
  /// of the input.
  func backward(
    _ x: TensorView, _ dy: TensorView, weight: FloatView, into dweight: FloatView, _ dbias: FloatView?,
    _ dx: TensorView?, scratch: FloatView)
  /// Overwrites `dx` with the gradient of the input.
  func backwardData(_ dy: TensorView, weight: FloatView, into dx: TensorView, scratch: FloatView)
}
