import Diagnostics

/// How long it took, how fast it went, and on which hosts.
struct TimeSection {
  let run: RunFacts

  var markup: Markup {
    var table = TableMarkup(["", ""], kind: "words")
    if let times = run.times {
      let whole = times.steps + times.evaluation + times.checkpoints
      let steps = "steps \(grouped(times.firstStep + 1)) to \(grouped(times.lastStep))"
      table.add(["time", "\(durationText(whole)) for \(steps)"])
      let shares = times.shares.prefix(12).map {
        "\(Names.brief($0.name)) \(ReportedFigure.text(100 * $0.share, decimals: 0)) %"
      }
      table.add(["in steps", "\(durationText(times.steps)): \(shares.joined(separator: ", "))"])
      let beside = "evaluation \(durationText(times.evaluation)), checkpoints \(durationText(times.checkpoints))"
      table.add(["beside them", "\(beside)"])
      table.add(["throughput", "\(Self.rate(times.samplesPerSecond)) samples a second"])
      let hosts = Self.tally(times.hosts)
      let list = hosts.prefix(20).map { "\(Names.markup($0.host)) (\(count($0.ranks, "rank")))" as Markup }
      let more: Markup = hosts.count > 20 ? ", … (\(grouped(hosts.count)) hosts)" : ""
      table.add(["hosts", "\(list.joined(by: ", "))\(more)"])
      if let slow = times.slow { table.add(["slow", "\(Names.brief(slow, most: 200))"]) }
    } else if let rate = median(run.history.steps.map(\.samplesPerSecond)) {
      table.add(["throughput", "\(Self.rate(rate)) samples a second, the median of the steps that were noted"])
    }
    if let record = run.record {
      let set = record.instructionSet.isEmpty ? "" : ", instruction set \(record.instructionSet)"
      table.add(["computed by", "\(record.programs.joined(separator: ", "))\(set)"])
      if record.parameters > 0 { table.add(["numbers learnt", "\(grouped(record.parameters))"]) }
    }
    let missing: Markup =
      run.times == nil ? "<p class=\"note\">Times and hosts are noted when a run has come to its end.</p>" : ""
    return table.isEmpty ? .empty : table.markup + missing
  }

  /// Whole, and with three digits that are no zeros.
  static func rate(_ value: Double) -> String {
    guard value.isFinite, value >= 0, value < 1e15 else { return "unknown" }
    return value >= 1000 ? grouped(Int(value)) : ReportedFigure.short(value, digits: 3)
  }

  /// Hosts in the order of their first ranks.
  private static func tally(_ hosts: [String]) -> [(host: String, ranks: Int)] {
    var (order, counts) = ([String](), [String: Int]())
    for host in hosts {
      if counts[host] == nil { order.append(host) }
      counts[host, default: 0] += 1
    }
    return order.map { ($0, counts[$0]!) }
  }

  private func median(_ values: [Double]) -> Double? {
    let sorted = values.filter(\.isFinite).sorted()
    return sorted.isEmpty ? nil : sorted[sorted.count / 2]
  }
}
