import Foundation

/// The letters between the ranks of a `LocalWorld`: buffers that their senders lend until the receivers have copied them.
final class LocalMail: @unchecked Sendable {
  let size: Int
  private let condition = NSCondition()
  /// `letters[source * size + destination]`, by their number; nil once it has been copied.
  private var letters: [[Int: UnsafeRawBufferPointer]]
  private var failed: Int?

  init(size: Int) {
    self.size = size
    letters = Array(repeating: [:], count: size * size)
  }

  func post(_ letter: UnsafeRawBufferPointer, number: Int, from source: Int, to destination: Int) {
    condition.lock()
    letters[source * size + destination][number] = letter
    condition.broadcast()
    condition.unlock()
  }

  /// Ends every wait with an error: the rank will post nothing any more.
  func fail(_ rank: Int) {
    condition.lock()
    if failed == nil { failed = rank }
    condition.broadcast()
    condition.unlock()
  }

  /// Calls `take` with the letters, again after each change of them while it is not done and `waits`; returns whether
  /// it is done.
  func look(
    waiting waits: Bool, _ take: (inout [[Int: UnsafeRawBufferPointer]]) -> (isDone: Bool, hasTaken: Bool)
  ) throws -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while true {
      // Before a letter is read: ranks that end for another's failure take their memory with them.
      if let failed { throw LocalWorld.PeerFailed(rank: failed) }
      let (isDone, hasTaken) = take(&letters)
      if hasTaken { condition.broadcast() }
      if isDone || !waits { return isDone }
      condition.wait()
    }
  }
}

/// One rank's exchanges by mail.
final class LocalMessages: AllToAll {
  private let mail: LocalMail
  private let rank: Int
  private let counters: LocalCounters
  /// What was posted, and may still be on its way: receiver and number.
  private var sent: [(destination: Int, number: Int)] = []
  /// What has not come yet.
  private var expected: [(source: Int, number: Int, place: UnsafeMutableRawBufferPointer)] = []

  init(_ mail: LocalMail, rank: Int, counters: LocalCounters) {
    (self.mail, self.rank, self.counters) = (mail, rank, counters)
  }

  func start(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]
  ) throws {
    precondition(sent.isEmpty && expected.isEmpty, "an exchange is started again before its end")
    precondition(
      sendRanges.count == mail.size && receiveRanges.count == mail.size,
      "expected \(mail.size) ranges, found \(sendRanges.count) and \(receiveRanges.count)")
    for peer in 0..<mail.size where peer != rank {
      if !receiveRanges[peer].isEmpty {
        let place = UnsafeMutableRawBufferPointer(rebasing: receive[receiveRanges[peer]])
        expected.append((peer, counters.nextReceived(from: peer), place))
      }
      if !sendRanges[peer].isEmpty {
        let number = counters.nextSent(to: peer)
        sent.append((peer, number))
        mail.post(UnsafeRawBufferPointer(rebasing: send[sendRanges[peer]]), number: number, from: rank, to: peer)
      }
    }
    if !sendRanges[rank].isEmpty {
      UnsafeMutableRawBufferPointer(rebasing: receive[receiveRanges[rank]])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: send[sendRanges[rank]]))
    }
  }

  func advance() throws -> Bool { try mail.look(waiting: false, take) }

  func finish() throws { _ = try mail.look(waiting: true, take) }

  /// Copies what has come; it is done when nothing is under way any more, in either direction.
  private func take(_ letters: inout [[Int: UnsafeRawBufferPointer]]) -> (isDone: Bool, hasTaken: Bool) {
    let before = expected.count
    expected.removeAll { source, number, place in
      guard let letter = letters[source * mail.size + rank].removeValue(forKey: number) else { return false }
      precondition(
        letter.count == place.count, "rank \(source) sends \(letter.count) bytes, rank \(rank) expects \(place.count)")
      place.copyMemory(from: letter)
      return true
    }
    sent.removeAll { letters[rank * mail.size + $0.destination][$0.number] == nil }
    return (sent.isEmpty && expected.isEmpty, expected.count < before)
  }
}

/// How many letters a rank has sent to, and started to wait for from, each other one: they are matched in order.
final class LocalCounters {
  private var sent: [Int]
  private var received: [Int]

  init(size: Int) {
    sent = Array(repeating: 0, count: size)
    received = sent
  }

  func nextSent(to peer: Int) -> Int {
    sent[peer] += 1
    return sent[peer]
  }

  func nextReceived(from peer: Int) -> Int {
    received[peer] += 1
    return received[peer]
  }
}
