import Configuration
import Datasets
import Sources
import Transforms

extension ConfigReader {
  /// `transforms`, a list of any, and behind them what `standardise` asks for: nothing, or a `Standardise` by feature or
  /// channel.
  ///
  /// Features that are prepared are left as they are, and pictures standardised by channel, unless it is said otherwise.
  func transforms(of source: any Source) throws -> Pipeline {
    let usual = source.isPrepared ? StandardiseSetting.none : source.standardisesChannels ? .channel : .feature
    let standardise = try option("standardise", of: StandardiseSetting.self, default: usual)
    let listed = try choices("transforms", transformKinds.cases { try $0.init($1) }, whenMissing: .empty)
    if standardise != .none, listed.contains(where: { $0.kind == Standardise.kind }) {
      throw failure(
        at: "transforms", "expected \(Standardise.kind) once, found it in the list and as standardise: \(standardise)",
        cure: "set standardise: none, or take it off the list")
    }
    return Pipeline(listed + (standardise.granularity.map { [Standardise(per: $0)] } ?? []))
  }
}

private enum StandardiseSetting: String, CaseIterable {
  case none, feature, channel

  var granularity: Standardisation.Granularity? {
    switch self {
    case .none: nil
    case .feature: .feature
    case .channel: .channel
    }
  }
}
