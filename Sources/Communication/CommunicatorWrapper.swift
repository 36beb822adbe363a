/// A communicator around another one: the same ranks on the same hosts.
protocol CommunicatorWrapper: Communicator {
  var base: any Communicator { get }
}

extension CommunicatorWrapper {
  public var rank: Int { base.rank }
  public var size: Int { base.size }
  public var host: String { base.host }
  public var hostRank: Int { base.hostRank }
  public var hostSize: Int { base.hostSize }
}
