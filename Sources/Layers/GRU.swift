import Kernels

/// Gated recurrent units: a state h that a gate moves towards a new one.
///
/// `r = σ(Wᵢᵣ x + bᵢᵣ + Wₕᵣ h + bₕᵣ)`, `z` alike, `n = tanh(Wᵢₙ x + bᵢₙ + r (Wₕₙ h + bₕₙ))`, `h = (1 - z) n + z h`, as PyTorch's `GRU`. Cho et
/// al.: *Learning phrase representations using RNN encoder-decoder* (EMNLP 2014).
public struct GRU: RecurrentLayer {
  public static let kind = "gru"
  public static let summary = "gated recurrent units, from position to position"
  public static let cell = RecurrentCell.gru
  /// Units, layers one behind the other, directions, and what of the outputs is handed on.
  public let form: RecurrentForm

  /// A recurrence of that form.
  public init(_ form: RecurrentForm) { self.form = form }
}
