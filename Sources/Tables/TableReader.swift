/// The rows of a table from first to last, some at a time: memory does not grow with their number.
///
/// The same raw data give the same rows in the same order, whoever reads them.
public protocol TableReader: AnyObject {
  /// What the chunks' columns are, in their order.
  var fields: [RawField] { get }

  /// The next rows, at least one and `most` at most; nil where there are no more.
  ///
  /// Throws where what follows cannot be read at all: a torn file, a server that went away.
  func next(most: Int) throws -> TableChunk?
}
