import Lockstep

/// One value of a record: a text or a number, as JSON and CSV write it.
enum Field: Equatable {
  case text(String)
  case int(Int)
  /// NaN and infinities become null, or nothing.
  case number(Double)
  case missing
}

/// A record whose fields have names and an order: a line of CSV, an object of JSON.
typealias Record = [(key: String, value: Field)]

extension CaseResult {
  /// All of it, medians of the rounds where nothing else is said. Seconds, bytes, and counts a step.
  var record: Record {
    let (run, rate, first) = (benchmarkCase, samplesPerSecond, rounds[0])
    func median(_ figure: KeyPath<RoundResult, Double>) -> Field { .number(spread(figure).median) }
    func efficiency(_ part: KeyPath<Spread, Double>) -> Field {
      self.efficiency.map { .number($0[keyPath: part]) } ?? .missing
    }
    return [
      ("model", .text(run.model)), ("ranks", .int(run.ranks)), ("lanes", .int(run.lanes)),
      ("reduction", .text(run.reduction)), ("batch", .int(run.batch)), ("microbatch", .int(run.microBatch)),
      ("settings", .text(run.settings.joined(separator: " "))), ("scaling", .text(scaling.rawValue)),
      ("rounds", .int(rounds.count)), ("unit", .text(first.unit)),
      ("samples_per_second", .number(rate.median)), ("samples_per_second_min", .number(rate.min)),
      ("samples_per_second_max", .number(rate.max)),
      ("efficiency", efficiency(\.median)), ("efficiency_min", efficiency(\.min)),
      ("efficiency_max", efficiency(\.max)),
      ("flop_share", median(\.flopShare)), ("flops_per_sample", .number(first.flopsPerSample)),
      ("peak_flops_per_second", median(\.peakFlopsPerSecond)),
      ("step_seconds", median(\.stepSeconds)), ("compute_seconds", median(\.computeSeconds)),
      ("lane_waiting_seconds", median(\.laneSeconds)),
      ("communication_seconds", median(\.communicationSeconds)), ("waiting_seconds", median(\.waitingSeconds)),
      ("input_seconds", median(\.inputSeconds)),
      ("peak_memory_bytes", .int(peakMemoryBytes)), ("allocations_per_step", median(\.allocationsPerStep)),
      ("library_allocations_per_step", median(\.libraryAllocationsPerStep)),
      ("bytes_per_step", median(\.bytesPerStep)), ("messages_per_step", median(\.messagesPerStep)),
      ("shared_bytes_per_step", median(\.sharedBytesPerStep)), ("barriers_per_step", median(\.barriersPerStep)),
      ("first_step_seconds", .number(firstStepSeconds.median)),
      ("host", .text(first.host)), ("instruction_set", .text(first.instructionSet)),
      ("precision", .text(run.precision)), ("version", .text(lockstepVersion)),
    ]
  }
}
