import Lockstep

extension Report {
  /// Makes `observers: [report]` of a configuration write this page. To be called before a run begins.
  package static func becomeObserver() {
    ReportPage.maker.withLock { maker in
      maker = { directory, path in try Report(runs: [directory]).write(to: path) }
    }
  }
}
