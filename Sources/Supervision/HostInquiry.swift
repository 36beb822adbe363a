import Diagnostics

/// A host on which no command can be started, and why.
struct SilentHost: Equatable {
  let host: String
  let reason: String
}

/// Hosts that were asked whether they answer, all at once; nobody has to wait for them.
final class HostInquiry {
  private var questions: [(host: String, process: ChildProcess)] = []
  private let end: Deadline
  private var lastLines: [String: String] = [:]

  /// - Parameter limit: seconds after which a host that says nothing counts as dead.
  init(limit: Double) { end = Deadline(seconds: limit) }

  /// Asks a host by a command that succeeds where it answers.
  func ask(_ host: String, by command: [String]) throws { questions.append((host, try ChildProcess(command))) }

  deinit { for question in questions where question.process.code == nil { _ = question.process.end(within: 0) } }

  /// The hosts that do not answer; nil while one may answer yet.
  func answer() -> [SilentHost]? {
    let isOver = end.isOver
    for (host, process) in questions where process.code == nil {
      let lines = isOver ? process.end(within: 0).lines : process.lines(within: 0)
      if let last = lines.last { lastLines[host] = last }
    }
    guard questions.allSatisfy({ $0.process.code != nil }) else { return nil }
    return questions.filter { $0.process.code != 0 }.map { host, _ in
      SilentHost(host: host, reason: lastLines[host] ?? "\(host) does not answer")
    }
  }
}
