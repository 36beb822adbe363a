import Communication
import Configuration
import Tensors

/// How the ranks' nodes reach the owners of their slices, and the parameters that owners update everybody: a kind.
///
/// ```swift
/// transportKinds.add(Flood.self)   // and configurations know `transport: flood`
/// ```
///
/// Where a configuration names none, the first of the registry that serves is taken.
///
/// A batch goes through `begin`, then bucket by bucket through `receive`, `fold` and `release`, and after the update
/// through `spread`. All ranks call everything but `fold` together, from the thread that makes the communicator's calls.
///
/// Ways may be mixed: what of a contribution a rank reads where it lies, and what is sent to it, is the transport's
/// business alone. A canonical one leaves no trace in the bits, as all additions are those of the route.
public protocol Transport: NamedKind, AnyObject, SendableMetatype {
  /// Whether nodes and parameters have to lie in memory that all ranks see: it serves several ranks only where there is some.
  static var wantsSharedMemory: Bool { get }
  /// Why it does not serve these ranks, in a few words that are the same on all of them; nil where it serves.
  static func obstacle(in binding: TransportBinding) -> String?
  /// Made on all ranks together, for ranks that it serves.
  init(_ binding: TransportBinding)

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

/// The ranks and the buffer that a transport is made for: the same on every rank, but for where memory lies.
public struct TransportBinding {
  /// Whose ranks they are, and what bytes go by.
  public let world: any Communicator
  /// Who owns what of the flat buffer.
  public let ownership: Ownership
  /// The numbers of the buckets in the order in which they go: that in which a backward pass completes them.
  public let order: [Int]
  /// Each rank's part of memory that all see, which holds its nodes; the parameters lie first in rank zero's. Nil where
  /// each rank's memory is its own.
  public let shared: [FloatView]?
  /// How gradients are to be added.
  public let method: ReductionMethod
  /// The most buckets that may be under way at a time.
  public let mostUnderWay: Int
  /// For what lies with the owners: the parameters after an update.
  public let collectives: SliceCollectives
}

/// The transports that `transport` in a configuration can name, and among which is chosen.
public let transportKinds = Registry<any Transport.Type>(
  [NativeTransport.self, SharedMemoryTransport.self, MessageTransport.self], named: { $0.kind },
  summary: { $0.summary })

extension Transport {
  public static var wantsSharedMemory: Bool { false }

  /// Sums along the canonical tree are all that it makes.
  public static func obstacle(in binding: TransportBinding) -> String? {
    binding.method == .canonical ? nil : "it adds along the tree, and reduction is \(binding.method.rawValue)"
  }
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
