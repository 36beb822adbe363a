import ArgumentParser
import Benchmarks
import Foundation
import Lockstep
import MPICommunication

/// What `lockstep bench` starts on each rank; not for users.
struct BenchRank: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "bench-rank", shouldDisplay: false)

  /// A `RankBenchmark` as JSON, or a `RankAllreduce`.
  @Argument var request: String
  @Flag var allreduce = false

  func run() throws {
    let data = Data(request.utf8)
    if allreduce {
      let benchmark = try JSONDecoder().decode(RankAllreduce.self, from: data)
      answer { try benchmark.measure($0, environment: $1) }
    }
    let benchmark = try JSONDecoder().decode(RankBenchmark.self, from: data)
    answer { try benchmark.measure($0, environment: $1) }
  }

  /// Measures on all ranks; rank zero prints the answer as one line of JSON.
  private func answer<Answer: Encodable>(_ measure: (any Communicator, [String: String]) throws -> Answer) -> Never {
    let environment = ProcessInfo.processInfo.environment
    onEveryRank("bench-rank", [Asked("<request>", request)]) { world in
      let answer = try measure(world, environment)
      if world.rank == 0 {
        try writeStandardOutput(result: String(decoding: JSONEncoder().encode(answer), as: UTF8.self) + "\n")
      }
      return 0
    }
  }
}
