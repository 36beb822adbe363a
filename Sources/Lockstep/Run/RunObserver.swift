import Configuration
import Diagnostics
import Tensors
import Training

/// Somebody who is told what happens in a run: the console, the metrics log, what a configuration names by
/// `ObserverSettings`, or a program's own.
///
/// ```swift
/// final class LossCurve: RunObserver {
///   private(set) var losses: [Double] = []
///   func observe(_ event: RunEvent) { if case .step(let report) = event { losses.append(report.loss) } }
/// }
/// ```
///
/// Every rank tells its own observers of the same events in the same order, but for notes, most of which rank zero alone
/// has. A failure that one throws ends the run: at once
/// where all ranks are together, as at the end of an epoch, else after the next step.
public protocol RunObserver: AnyObject {
  /// Whether the run ends where it fails; true unless it says otherwise.
  ///
  /// Without one that is not essential a run that has begun goes on, and a note says why it is told no more. What `.start`
  /// fails with ends the run in any case.
  var isEssential: Bool { get }

  func observe(_ event: RunEvent) throws
}

extension RunObserver {
  public var isEssential: Bool { true }
}

/// What happens in a run.
public enum RunEvent {
  /// All memory is made, and nothing computed yet.
  case start(RunStart)
  /// Something the user should know.
  case note(String)
  /// A step is done.
  case step(Trainer.Report)
  /// An epoch is done, and evaluated where it was due.
  case epoch(EpochReport)
  /// The run was stopped on request, and can be resumed.
  case stop(step: Int, checkpoint: String)
  /// All steps are done.
  case end(RunResult)
  /// The run ends by a failure, of this rank or of one that it heard of. What an observer fails with now is not told.
  case failure(Failure)
}

extension RunEvent {
  fileprivate var isStart: Bool { if case .start = self { true } else { false } }
}

/// What a run is about to do.
public struct RunStart: Sendable {
  public let name: String
  /// Of the training data, and the form of one: `28×28×1`.
  public let samples: Int
  public let form: String
  /// Numbers that are learnt.
  public let parameters: Int
  public let ranks: Int
  /// The names of the ranks' hosts, in the order of ranks.
  public let hosts: [String]
  /// Of this rank.
  public let lanes: Int
  public let instructionSet: String
  public let precision: NumberFormat
  public let epochs: Int
  public let stepsPerEpoch: Int
  public let batch: Int
  public let microBatch: Int
  /// Steps of the whole run, and those that were done before.
  public let stepCount: Int
  public let firstStep: Int
  public let isResumed: Bool
  /// Every setting, defaults filled in.
  public let settings: [ConfigSetting]

  /// What is trained, by what, and in which numbers where those are not floats:
  /// `fashion-mnist: 60,000 samples of 28×28×1, 669,706 parameters, 2 ranks × 1 lane, avx512, bfloat16`.
  var title: String {
    "\(name.shown()): \(count(samples, "sample")) of \(form), \(count(parameters, "parameter")), "
      + "\(count(ranks, "rank")) × \(count(lanes, "lane")), \(instructionSet)"
      + (precision == .float32 ? "" : ", \(precision.rawValue)")
  }
}

/// What an epoch came to.
public struct EpochReport: Sendable {
  /// From 1, and how many there are.
  public let epoch: Int
  public let epochs: Int
  /// Steps done since the run began.
  public let step: Int
  /// The mean loss of its targets in training.
  public let loss: Double
  /// Of the test data; nil where none are, or it was not due.
  public let evaluation: Evaluation?

  /// The scores of the data that training is watched by, under the names that files have them: `test-r-squared`, and of one
  /// of several outputs `test-r-squared/OUTPUT`; `validation-r-squared` where those are other data.
  public var testScores: [(name: String, value: Double)] {
    guard let evaluation else { return [] }
    return evaluation.scores.map { ("\(evaluation.data)-\($0.name)", $0.value) }
  }
}

/// What a run came to.
public struct RunResult {
  /// What it did and how long that took.
  public let summary: RunSummary
  /// The directory of the last checkpoint.
  public let checkpoint: String
  /// The identity of the parameters.
  public let digest: Digest
  /// Where the page that tells of the run was written; nil where none was.
  public let page: String?
  /// A little of what a model of text writes, made when it is asked for; nil for other models.
  public let sample: () throws -> String?
}

/// Tells observers, and keeps what they fail with for when all ranks are together.
final class Observers {
  private var observers: [any RunObserver]
  /// The first failure.
  private var failure: Failure?

  init(_ observers: [any RunObserver]) { self.observers = observers }

  /// Who is told from now on, behind those that there are.
  func add(_ observer: any RunObserver) { observers.append(observer) }

  /// Whoever fails is told no more; the others are.
  func tell(_ event: RunEvent) {
    var lost: [Failure] = []
    observers.removeAll { observer in
      do {
        try observer.observe(event)
        return false
      } catch {
        if observer.isEssential || event.isStart {
          failure = failure ?? Failure(reporting: error)
        } else {
          lost.append(Failure(reporting: error))
        }
        return true
      }
    }
    for failure in lost { note("\(failure); the run goes on, and nothing more is written there") }
  }

  func note(_ text: String) { tell(.note(text)) }

  /// Whether one of them has failed, which the other ranks have to be told.
  var hasFailed: Bool { failure != nil }

  /// Throws what one of them failed with.
  func check() throws { if let failure { throw failure } }
}
