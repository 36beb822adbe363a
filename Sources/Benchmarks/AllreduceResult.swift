import Diagnostics
import Foundation
import Lockstep

// N ranks, S bytes of the buffer, t seconds.

/// The bandwidth of an allreduce of one size on so many ranks, as nccl-tests define it.
///
/// algbw = S / t is what a caller sees; busbw = algbw · 2(N - 1) / N is what each rank's link carries at least, and can be
/// compared between numbers of ranks. https://github.com/NVIDIA/nccl-tests/blob/master/doc/PERFORMANCE.md
package struct AllreduceResult: Sendable {
  package let ranks: Int
  package let method: AllreduceMethod
  package let bytes: Int
  /// Of the rounds.
  package let seconds: Spread

  package init(ranks: Int, method: AllreduceMethod, bytes: Int, seconds: Spread) {
    self.ranks = ranks
    self.method = method
    self.bytes = bytes
    self.seconds = seconds
  }

  /// Bytes a second.
  package var algorithmBandwidth: Spread {
    Spread(median: Double(bytes) / seconds.median, min: Double(bytes) / seconds.max, max: Double(bytes) / seconds.min)
  }

  /// Bytes a second.
  package var busBandwidth: Double { algorithmBandwidth.median * 2 * Double(ranks - 1) / Double(ranks) }

  var record: Record {
    [
      ("ranks", .int(ranks)), ("method", .text(method.rawValue)), ("bytes", .int(bytes)),
      ("seconds", .number(seconds.median)), ("seconds_min", .number(seconds.min)),
      ("seconds_max", .number(seconds.max)), ("algbw_bytes_per_second", .number(algorithmBandwidth.median)),
      ("busbw_bytes_per_second", .number(busBandwidth)),
    ]
  }
}

/// The benchmark of allreduces, on each number of ranks, round by round.
package func measureAllreduce(
  ranks: [Int], rounds: Int, launcher: Launcher, progress: (String) -> Void
) throws -> [AllreduceResult] {
  let request = String(decoding: try JSONEncoder().encode(RankAllreduce()), as: UTF8.self)
  var found = ranks.map { _ in [[AllreduceFigure]]() }
  for round in 1...rounds {
    for (place, number) in ranks.enumerated() {
      let what = "allreduce, \(count(number, "rank"))"
      let output = try launcher.run(["bench-rank", "--allreduce", request], ranks: number, what: what)
      found[place].append(try rankAnswer(output, what))
      progress("round \(round)/\(rounds): \(what)")
    }
  }
  return zip(ranks, found).flatMap { number, rounds in
    rounds[0].indices.map { place in
      AllreduceResult(
        ranks: number, method: rounds[0][place].method, bytes: rounds[0][place].bytes,
        seconds: Spread(rounds.map { $0[place].seconds }))
    }
  }
}

/// What rank zero printed as JSON in a line of its own.
func rankAnswer<Answer: Decodable>(_ output: String, _ what: String) throws -> Answer {
  let line = output.split(separator: "\n").last { $0.first == "{" || $0.first == "[" } ?? ""
  do {
    return try JSONDecoder().decode(Answer.self, from: Data(line.utf8))
  } catch {
    throw Failure(.internal, at: what, "expected a measurement, found \(output.prefix(200))")
  }
}

/// A line for each size and number of ranks: both bandwidths of each method, in GB (10⁹ bytes) a second.
package func table(of results: [AllreduceResult]) -> String {
  let methods = AllreduceMethod.allCases
  let head = ["ranks", "bytes"] + methods.flatMap { ["\($0.rawValue) algbw", "busbw", "range of algbw"] }
  var rows: [[String]] = []
  for ranks in Set(results.map(\.ranks)).sorted() {
    for bytes in Set(results.map(\.bytes)).sorted() {
      let cells = methods.flatMap { method -> [String] in
        guard let one = results.first(where: { $0.ranks == ranks && $0.bytes == bytes && $0.method == method })
        else { return ["", "", ""] }
        let rate = one.algorithmBandwidth
        return [
          fixed(rate.median / 1e9, 2), fixed(one.busBandwidth / 1e9, 2),
          "\(fixed(rate.min / 1e9, 2))…\(fixed(rate.max / 1e9, 2))",
        ]
      }
      rows.append(["\(ranks)", grouped(bytes)] + cells)
    }
  }
  return textTable([head] + rows, leading: 0)
}

/// The bandwidth over the size, a line for each method and number of ranks.
func allreducePlot(of results: [AllreduceResult]) -> String {
  let sizes = Set(results.map(\.bytes)).sorted()
  let lines = Set(results.map(\.ranks)).sorted().flatMap { ranks in
    AllreduceMethod.allCases.map { method in
      LinePlot.Series(
        name: "\(method.rawValue), \(ranks) ranks",
        points: results.filter { $0.ranks == ranks && $0.method == method }.map { one in
          let rate = one.algorithmBandwidth
          let factor = one.busBandwidth / rate.median / 1e9
          return .init(
            x: Double(one.bytes), y: rate.median * factor, low: rate.min * factor, high: rate.max * factor)
        })
    }
  }
  return LinePlot(
    title: "Allreduce", xLabel: "bytes", yLabel: "busbw, GB/s", xScale: .logarithmic,
    xTicks: sizes.enumerated().filter { $0.offset % 3 == 0 }.map { (Double($0.element), binaryBytes($0.element)) },
    series: lines
  ).svg
}

/// `2 KiB`, `64 MiB`
private func binaryBytes(_ bytes: Int) -> String {
  bytes < 1 << 20 ? "\(bytes >> 10) KiB" : "\(bytes >> 20) MiB"
}

extension BenchmarkFiles {
  /// Writes the results of the benchmark of allreduces.
  package func write(_ results: [AllreduceResult]) throws {
    try write(results.map(\.record), plot: allreducePlot(of: results))
  }
}
