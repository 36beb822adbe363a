/// A group of ranks that exchange bytes: MPI's world, or threads of this process that play its part.
///
/// Every method is collective: all ranks call it, in the same order, with arguments that agree. Calls of one rank come
/// from one thread at a time. Nothing here adds floats, except `nativeSum`, whose order of addition is not specified.
public protocol Communicator: AnyObject, Sendable {
  /// This process or thread: 0..<size.
  var rank: Int { get }
  var size: Int { get }
  /// The name of the machine this rank runs on.
  var host: String { get }
  /// This rank's number among the ranks of the same host, and how many they are.
  var hostRank: Int { get }
  var hostSize: Int { get }

  /// Returns when every rank has called it.
  func barrier() throws

  /// Overwrites `buffer` on every rank with the bytes it has on `root`.
  func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int) throws

  /// Overwrites the ranges of the other ranks in `buffer` with their bytes; rank r contributes `ranges[r]`, in place.
  ///
  /// `ranges` are byte ranges, the same on every rank, and must not overlap.
  func allGather(_ buffer: UnsafeMutableRawBufferPointer, ranges: [Range<Int>]) throws

  /// Sends `send[sendRanges[r]]` to each rank r and overwrites `receive[receiveRanges[r]]` with what r sent here.
  ///
  /// Byte ranges; `sendRanges[r].count` here equals `receiveRanges[rank].count` there. `send` and `receive` must not
  /// overlap.
  func allToAll(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]) throws

  /// An `allToAll` that goes on while its rank computes: made once, by all ranks together, and used again and again.
  func makeAllToAll() throws -> any AllToAll

  /// Memory that all ranks see: a part of `byteCount` bytes a rank, zero at first, 64-byte aligned, in rank order.
  ///
  /// Nil, on every rank alike, where the ranks do not run on one host, or the host has no room. The communicator owns
  /// it. Who writes what another rank reads has to put a `barrier` between the two.
  func shareMemory(byteCount: Int) throws -> [UnsafeMutableRawBufferPointer]?

  /// Overwrites `buffer` with the sum over all ranks, added in whatever order the transport likes: bits may depend on
  /// the number of ranks. The `native` reduction, and nothing else, uses it.
  func nativeSum(_ buffer: UnsafeMutableBufferPointer<Float>) throws
}

/// An exchange between all ranks that goes on while they compute. Only its first use allocates.
///
/// `start` and `finish` are collective: two exchanges under way at the same time are started in the same order on every
/// rank. All calls come from the thread that makes the communicator's.
public protocol AllToAll: AnyObject {
  /// Begins what `Communicator.allToAll` does and returns at once; not again before `finish`.
  ///
  /// Until `finish` returns, `send` must not be written and `receive` not be touched.
  func start(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]) throws

  /// Moves bytes on as far as they go without waiting; returns whether all have arrived.
  @discardableResult
  func advance() throws -> Bool

  /// Returns when all have arrived.
  func finish() throws
}

extension Communicator {
  /// Each rank's `values`, in rank order; every rank passes as many.
  public func allGather<Value: BitwiseCopyable>(_ values: [Value]) throws -> [[Value]] {
    let stride = MemoryLayout<Value>.stride * values.count
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(stride * size, 1), alignment: 16)
    defer { memory.deallocate() }
    values.withUnsafeBytes { bytes in
      if stride > 0 { (memory.baseAddress! + rank * stride).copyMemory(from: bytes.baseAddress!, byteCount: stride) }
    }
    try allGather(memory, ranges: (0..<size).map { $0 * stride..<($0 + 1) * stride })
    return (0..<size).map { source in
      (0..<values.count).map {
        memory.loadUnaligned(fromByteOffset: source * stride + $0 * MemoryLayout<Value>.stride, as: Value.self)
      }
    }
  }

  /// Each rank's text, in rank order; the texts may differ in length.
  public func allGather(_ text: String) throws -> [String] {
    let bytes = Array(text.utf8)
    let counts = try allGather([bytes.count]).map { $0[0] }
    var (ranges, end) = ([Range<Int>](), 0)
    for count in counts {
      ranges.append(end..<end + count)
      end += count
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(end, 1), alignment: 16)
    defer { memory.deallocate() }
    for (place, byte) in zip(ranges[rank], bytes) { memory[place] = byte }
    try allGather(memory, ranges: ranges)
    return ranges.map { String(decoding: memory[$0], as: UTF8.self) }
  }
}
