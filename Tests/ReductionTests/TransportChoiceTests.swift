import Communication
import Diagnostics
import Tensors
import Testing

@testable import Reduction

/// The first kind that serves is taken, or the one that is asked for and no other.
@Suite struct TransportChoiceTests {
  /// What a reducer on so many ranks takes: the kind's word, or the failure, which is the same on all.
  private func choice(
    of asked: (any Transport.Type)? = nil, _ method: ReductionMethod = .canonical, ranks: Int = 2,
    sharesMemory: Bool = false
  ) throws -> String {
    let found = try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) { world in
      let shared = try world.shareMemory(byteCount: 64)?.map { FlatBuffer(borrowing: $0, from: world).view }
      let team = LaneTeam(count: 1)
      defer { team.close() }
      do {
        let reducer = try GradientReducer(
          method: method, count: 16, bucketSize: 16, world: world, team: team, transport: asked,
          shared: method == .canonical ? shared : nil)
        return type(of: reducer.transport).kind
      } catch {
        let failure = Failure(reporting: error)
        #expect(failure.code == .badConfiguration)
        return failure.description
      }
    }
    #expect(Set(found).count == 1, "\(found)")
    return found[0]
  }

  @Test func theFirstThatServes() throws {
    #expect(transportKinds.names == ["native", "memory", "messages"])
    #expect(try choice() == "messages" && choice(sharesMemory: true) == "memory")
    #expect(try choice(.native) == "native" && choice(.native, sharesMemory: true) == "native")
    for ranks in 1...3 { #expect(try choice(of: MessageTransport.self, ranks: ranks) == "messages") }
    // Alone, a rank sees all memory there is.
    #expect(try choice(of: SharedMemoryTransport.self, ranks: 1) == "memory")
  }

  @Test func oneThatDoesNotServeIsRefused() throws {
    #expect(
      try choice(of: SharedMemoryTransport.self)
        == "transport: expected one that serves these ranks, found memory: the ranks have no memory that all of them see; "
        + "leave it out, or set it to messages")
    #expect(
      try choice(of: NativeTransport.self)
        == "transport: expected one that serves these ranks, found native: MPI adds in an order of its own, and reduction "
        + "is canonical; leave it out, or set it to messages")
    #expect(
      try choice(of: MessageTransport.self, .native)
        == "transport: expected one that serves these ranks, found messages: it adds along the tree, and reduction is "
        + "native; leave it out, or set it to native")
    #expect(try choice(of: MessageTransport.self, sharesMemory: true).contains("found messages: the ranks share the"))
  }
}
