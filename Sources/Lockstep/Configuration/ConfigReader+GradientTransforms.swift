import Configuration
import Diagnostics
import Training

extension ConfigReader {
  /// `gradient-transforms`, a list of any, and behind them what `clip-norm` asks for: nothing, or a `ClipByGlobalNorm`.
  func gradientTransforms() throws -> [any GradientTransform] {
    let listed = try choices(
      "gradient-transforms", gradientTransformKinds.cases { try $0.init($1) }, whenMissing: .empty)
    let clipNorm = try optionalDouble("clip-norm", in: RunConfiguration.Ranges.clipNorm)
    return try listed.clipped(to: clipNorm) { failure(at: "gradient-transforms", $0, cure: $1) }
  }
}

extension [any GradientTransform] {
  /// These and, behind them, a clipping to `norm`, unless it is nil; where they clip already, throws what `failure` makes.
  func clipped(to norm: Double?, failure: (_ fault: String, _ cure: String) -> Failure) throws -> Self {
    guard let norm else { return self }
    let kind = ClipByGlobalNorm.kind
    guard !contains(where: { $0.kind == kind }) else {
      throw failure(
        "expected \(kind) once, found it in the list and as clip-norm: \(norm)",
        "leave clip-norm out, or take it off the list")
    }
    return self + [ClipByGlobalNorm(limit: norm)]
  }
}
