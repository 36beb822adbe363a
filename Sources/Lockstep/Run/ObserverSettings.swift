import Configuration

/// An observer that a configuration names: a kind, with its settings, of which each run makes its own.
///
/// ```swift
/// observerKinds.add(Epochs.self)   // and configurations know `observers: [epochs]`
/// ```
public protocol ObserverSettings: NamedKind, Sendable {
  /// Reads its settings.
  init(_ settings: ConfigReader) throws

  /// Who is told on this rank, from `.start` on; nil where nobody is. Every rank asks.
  ///
  /// What it throws ends the run on all ranks, before it begins.
  ///
  /// - Parameter directory: the run directory, which is there; rank zero writes to it.
  func observer(rank: Int, directory: String) throws -> (any RunObserver)?
}

/// The observers that `observers` in a configuration can name.
public let observerKinds = Registry<any ObserverSettings.Type>(
  [EpochTable.self, MLflow.self, ReportPage.self, TensorBoard.self], named: { $0.kind }, summary: { $0.summary })
