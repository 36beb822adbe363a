import Configuration
import Diagnostics
import Foundation
import Synchronization

/// `observers: [report]`: the page that tells what a run has come to, `report.html` in the run directory, which rank zero
/// writes when the run ends or is stopped.
///
/// It is the page of `lockstep report`. A page that cannot be written is told of in a line, and changes nothing of the run.
package struct ReportPage: ObserverSettings {
  package static let kind = "report"
  package static let summary = "a page of what the run has come to, in its directory: figures, curves, data, receipt"
  /// What it is called in the run directory.
  package static let fileName = "report.html"

  /// Writes the page of the run in a directory to a file.
  package typealias Maker = @Sendable (_ directory: String, _ path: String) throws -> Void

  /// Pages are made by a room above this one, which sets it; nil where a program has none.
  package static let maker = Mutex<Maker?>(nil)

  package init(_ settings: ConfigReader) throws {}

  package func observer(rank: Int, directory: String) throws -> (any RunObserver)? {
    rank == 0 ? ReportWriter(directory: directory) : nil
  }
}

/// Writes it when the run says so, before the others are told of its end: they name it.
final class ReportWriter: RunObserver {
  private let directory: String

  init(directory: String) { self.directory = directory }

  func observe(_ event: RunEvent) {}

  /// What is to be noted when a run begins; nil: nothing.
  var note: String? {
    guard ReportPage.maker.withLock({ $0 == nil }) else { return nil }
    return "observers: report: this program makes no pages, lockstep report \(directory.shown()) does"
  }

  /// Where the page was written; nil where it could not be, which is told.
  func write() -> String? {
    guard let make = ReportPage.maker.withLock({ $0 }) else { return nil }
    let path = "\(directory)/\(ReportPage.fileName)"
    do {
      try make(directory, path)
      return path
    } catch {
      writeStandardError(line: "warning: no page: \(Failure(reporting: error).description)")
      return nil
    }
  }
}
