import Tensors

/// How the ranks' nodes reach the owners of their slices, and the parameters that owners update everybody.
///
/// A batch goes through `begin`, then bucket by bucket through `receive`, `fold` and `release`, and after the update
/// through `spread`. All ranks call everything but `fold` together, from the thread that makes the communicator's calls.
///
/// Ways may be mixed: what of a contribution a rank reads where it lies, and what is sent to it, is the transport's
/// business alone. A canonical one leaves no trace in the bits, as all additions are those of the route.
public protocol Transport: AnyObject {
  /// Whether buckets can be under way while others are still computed.
  var canOverlap: Bool { get }
  /// Bytes of other ranks' nodes, and of parameters that other ranks updated, which this rank read in shared memory.
  var sharedBytesRead: Int { get }

  /// Makes the memory that sums along a route take, and finds out which of the other ranks' nodes are in reach.
  func prepare(_ route: Route, nodes: [FloatView]) throws -> Contribution

  /// Returns when the nodes of all ranks are complete, where that matters.
  func begin(_ contribution: Contribution) throws

  /// Sends of the first `ready` buckets, in the order of the reducer, as many as may be under way, `most` at a time, and
  /// moves those on that are. Their nodes are complete.
  func start(_ contribution: Contribution, ready: Int, most: Int) throws

  /// Returns when `slice`, what this rank owns of the next bucket, can be folded. `sum` is where the sum is to be.
  func receive(_ slice: Range<Int>, of contribution: Contribution, into sum: FloatView, most: Int) throws

  /// Overwrites `sum` with the sum of all nodes over `part`, counted from the first float of the slice that was received;
  /// lanes call it for different parts at the same time.
  func fold(_ part: Range<Int>, of slice: Range<Int>, _ contribution: Contribution, into sum: FloatView)

  /// The bucket that was received is folded.
  func release()

  /// Ends a step that `start` has begun and that has no sum.
  func drain(_ contribution: Contribution) throws

  /// Makes the owners' slices of `parameters` known to all ranks.
  func spread(_ parameters: FloatView) throws
}

/// What a transport needs not do that sends nothing, or reads nothing where others wrote it.
extension Transport {
  public var canOverlap: Bool { false }
  public var sharedBytesRead: Int { 0 }
  public func prepare(_ route: Route, nodes: [FloatView]) throws -> Contribution { Contribution(route, nodes: nodes) }
  public func begin(_ contribution: Contribution) throws {}
  public func start(_ contribution: Contribution, ready: Int, most: Int) throws {}
  public func release() {}
  public func drain(_ contribution: Contribution) throws {}
}
