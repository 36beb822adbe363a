/// What is to be predicted of the samples of one micro-batch.
///
/// Letters: B samples, T positions of a sample, W numbers of a sample.
public enum Targets {
  /// B×T classes.
  case classes(UnsafeBufferPointer<Int32>)
  /// B×W numbers.
  case values(FloatView)
}
