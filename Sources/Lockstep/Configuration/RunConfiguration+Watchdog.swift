extension RunConfiguration {
  /// The watchdog's seconds as far as the command line tells them, for the time before the ranks share a configuration.
  ///
  /// What cannot be read is refused later, with everything else; until then the usual time counts.
  package static func watchdogSeconds(overrides: [String]) -> Double {
    let prefix = "watchdog="
    let text = overrides.last { $0.hasPrefix(prefix) }?.dropFirst(prefix.count)
    return text.flatMap { Double($0) }.flatMap { (0...1e6).contains($0) ? $0 : nil } ?? Watchdog.usualSeconds
  }
}
