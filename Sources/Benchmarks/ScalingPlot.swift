import Lockstep

/// The speed-up over the number of cores: a line for each model and reduction, beside the ideal.
///
/// The speed-up of a case is its cores times its efficiency; that of the case it is compared with, its cores.
func scalingPlot(of results: [CaseResult]) -> String {
  var names: [String] = []
  for result in results where !names.contains(result.seriesName) { names.append(result.seriesName) }
  let lines = names.map { name in
    LinePlot.Series(
      name: name,
      points: results.filter { $0.seriesName == name }.map(\.speedUp).sorted { $0.x < $1.x })
  }
  let cores = Set(results.map(\.benchmarkCase.cores)).sorted()
  let ideal = [0, cores.last ?? 1].map { LinePlot.Point(x: Double($0), y: Double($0), low: 0, high: 0) }
  return LinePlot(
    title: "\(results.first?.scaling.rawValue ?? "weak") scaling".capitalizedFirst, xLabel: "cores (ranks × lanes)",
    yLabel: "speed-up", xTicks: cores.map { (Double($0), "\($0)") },
    series: lines + [LinePlot.Series(name: "ideal", points: ideal, isReference: true)]
  ).svg
}

extension CaseResult {
  fileprivate var seriesName: String { "\(benchmarkCase.title), \(benchmarkCase.reduction)" }

  fileprivate var speedUp: LinePlot.Point {
    let cores = Double(benchmarkCase.cores)
    let efficiency = efficiency ?? Spread([1])
    return LinePlot.Point(
      x: cores, y: cores * efficiency.median, low: cores * efficiency.min, high: cores * efficiency.max)
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
