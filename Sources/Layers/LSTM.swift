import Kernels

/// Long short-term memory: a state h and a cell c, which gates write, forget and show.
///
/// `[i f g o] = Wᵢₕ x + bᵢₕ + Wₕₕ h + bₕₕ`, `c = σ(f) c + σ(i) tanh(g)`, `h = σ(o) tanh(c)`, as PyTorch's `LSTM`. Hochreiter, Schmidhuber: *Long
/// short-term memory* (Neural Computation 1997); Gers, Schmidhuber, Cummins: *Learning to forget* (2000).
public struct LSTM: RecurrentLayer {
  public static let kind = "lstm"
  public static let summary = "long short-term memory, from position to position"
  public static let cell = RecurrentCell.lstm
  /// Units, layers one behind the other, directions, and what of the outputs is handed on.
  public let form: RecurrentForm

  /// A recurrence of that form.
  public init(_ form: RecurrentForm) { self.form = form }
}
