/// A communicator around another one: the same ranks on the same hosts.
protocol CommunicatorWrapper: Communicator {
  var base: any Communicator { get }
}

extension CommunicatorWrapper {
  package var rank: Int { base.rank }
  package var size: Int { base.size }
  package var host: String { base.host }
  package var hostRank: Int { base.hostRank }
  package var hostSize: Int { base.hostSize }
}
