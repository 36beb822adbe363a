import Diagnostics
import Lockstep

/// What a benchmark trains: a model that the program carries, a recipe, or a file.
///
/// The models that it carries learn from noise made of the seed, so that nothing has to be there but the program. In
/// their files `batch` is the batch of one rank.
package struct BenchmarkModel: Sendable {
  /// As the user wrote it.
  package let name: String
  /// Whether the program carries it.
  package let isBuiltIn: Bool

  /// The YAML of the models that the program carries, by name.
  static let builtIn: [String: String] = [
    "mlp": PackageResources.mlp_yaml, "cnn": PackageResources.cnn_yaml, "gpt": PackageResources.gpt_yaml,
    "gptm": PackageResources.gptm_yaml, "gpt2": PackageResources.gpt2_yaml,
    "efficientnet-lite0": PackageResources.efficientnet_lite0_yaml,
    "mobilenetv3-small": PackageResources.mobilenetv3_small_yaml,
  ].mapValues { String(decoding: $0, as: UTF8.self) }

  /// The names of the models that the program carries, the smallest first, those of large pictures behind the others.
  package static let names = ["mlp", "cnn", "gpt", "gptm", "gpt2", "mobilenetv3-small", "efficientnet-lite0"]

  /// Everything that may be named without a path.
  static let sources: [String: String] = builtIn.merging(Recipes.all) { own, _ in own }

  /// The setting that makes a built-in model's data at least as long as four batches; nil where it is long enough, or not
  /// ours to say.
  func lengthening(toBatchesOf batch: Int) -> String? {
    let data = configuration.data
    guard isBuiltIn, let generated = data.generated, generated.samples < 4 * batch else { return nil }
    return "data.\(type(of: data).kind).\(generated.setting)=\(4 * batch)"
  }

  /// Reads and checks the configuration; a name or file that does not exist is a missing input (66).
  ///
  /// `settings` are `key.path=value`.
  package init(_ name: String, settings: [String] = []) throws {
    self.name = name
    isBuiltIn = Self.builtIn[name] != nil
    configuration = try RunConfiguration(ConfigurationSource(name, among: Self.sources), overrides: settings)
  }

  let configuration: RunConfiguration
}
