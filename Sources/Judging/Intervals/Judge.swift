import Host
import Metrics

/// Computes metrics of rows, with intervals.
///
/// ```swift
/// let judgement = Judge([ROCAUC(), LogLoss()]).judge(rows, beside: baseline)
/// judgement.figures["roc-auc"]?.interval
/// ```
/// A pure function of the rows, the metrics and the resamples: the same bits, however many cores there are.
public struct Judge: Sendable {
  public let metrics: [any JudgedMetric]
  public let resamples: Resamples
  private let team: CoreTeam?

  /// Metrics of distinct names. `resamples` of none gives figures without intervals.
  public init(_ metrics: [any JudgedMetric], resamples: Resamples = Resamples()) {
    self.init(metrics, resamples: resamples, team: nil)
  }

  /// On the threads of a team.
  package init(_ metrics: [any JudgedMetric], resamples: Resamples = Resamples(), team: CoreTeam?) {
    (self.metrics, self.resamples, self.team) = (metrics, resamples, team)
  }

  /// What the metrics that say something of such rows come to.
  ///
  /// `other` is what somebody else says of the same rows: figures are paired, so that what makes rows hard for both is
  /// taken out of the difference.
  public func judge(_ rows: JudgedRows, beside other: JudgedRows? = nil) -> Judgement {
    precondition(other.map { $0.count == rows.count } ?? true, "expected the same rows")
    let fitting = metrics.filter { $0.basis(of: rows) != nil }
    let sides = [rows, other].compactMap(\.self).map { Side(fitting, $0) }
    let now = Resamples.once(rows) { weights in sides.map { $0.figures(weights) } }
    let affordable = resamples.afforded(work: sides.reduce(rows.count) { $0 + $1.work })
    let count = rows.count < FigureInterval.leastRows ? 0 : affordable
    let drawn = resamples.map(count, rows, team) { weights in
      sides.map { side in side.figures(weights).map { $0.value ?? .nan } }
    }
    var figures: [String: JudgedFigure] = [:]
    for (place, metric) in fitting.enumerated() {
      figures[metric.key] = figure(place, now, drawn, units: sides[0].units(of: place) ?? (rows.count, "rows"))
    }
    return Judgement(
      rows: rows.count, resamples: count, confidence: FigureInterval.confidence, order: fitting.map(\.key),
      figures: figures)
  }

  private func figure(
    _ place: Int, _ now: [[Figure]], _ drawn: [[[Double]]], units: (count: Int, name: String)
  ) -> JudgedFigure {
    let value = now[0][place]
    let wantsIntervals = resamples.count > 0
    func bounds(_ resamples: [Double]) -> FigureInterval? {
      wantsIntervals ? FigureInterval(resamples, rows: units.count, named: units.name) : nil
    }
    let interval = value.value == nil ? nil : bounds(drawn.map { $0[0][place] })
    guard now.count > 1 else {
      return JudgedFigure(value: value, interval: interval, beside: nil, difference: nil, differenceInterval: nil)
    }
    let beside = now[1][place]
    guard let own = value.value, let its = beside.value else {
      return JudgedFigure(value: value, interval: interval, beside: beside, difference: nil, differenceInterval: nil)
    }
    let differences: [Double] = drawn.map { $0[0][place] - $0[1][place] }
    return JudgedFigure(
      value: value, interval: interval, beside: beside, difference: own - its,
      differenceInterval: bounds(differences))
  }
}

/// What one model says of the rows, prepared.
private struct Side {
  private let rows: JudgedRows
  private let metrics: [any JudgedMetric]
  /// The place of each metric's basis.
  private let places: [Int]
  private var bases: [Result<any PreparedBasis, Undefined>] = []

  init(_ metrics: [any JudgedMetric], _ rows: JudgedRows) {
    (self.rows, self.metrics) = (rows, metrics)
    var (places, keys) = ([Int](), [String]())
    for metric in metrics {
      // It says something of such rows.
      let basis = metric.basis(of: rows)!
      if let place = keys.firstIndex(of: basis.key) {
        places.append(place)
        continue
      }
      places.append(keys.count)
      keys.append(basis.key)
      bases.append(Self.prepared(basis, rows))
    }
    self.places = places
  }

  private static func prepared(_ basis: any Basis, _ rows: JudgedRows) -> Result<any PreparedBasis, Undefined> {
    do {
      return .success(try basis.prepared(rows))
    } catch let undefined as Undefined {
      return .failure(undefined)
    } catch {
      return .failure(Undefined("\(error)"))
    }
  }

  /// What resamples of a metric draw, where that is something else than rows.
  func units(of metric: Int) -> (count: Int, name: String)? { try? bases[places[metric]].get().units }

  var work: Int { bases.reduce(0) { $0 + ((try? $1.get().work) ?? 0) } }

  func figures(_ weights: RowWeights) -> [Figure] {
    let totals = bases.map { basis in try? basis.get().totals(weights) }
    return metrics.indices.map { place in
      switch bases[places[place]] {
      case .failure(let undefined): return .undefined(undefined.reason)
      case .success: break
      }
      guard let totals = totals[places[place]] else { return .undefined(noWeight) }
      let figure = metrics[place].figure(totals, of: rows)
      return figure.value.map { $0.isFinite } ?? true ? figure : .undefined("it is too large for a number")
    }
  }
}
