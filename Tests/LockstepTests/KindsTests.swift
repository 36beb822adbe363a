import Configuration
import Datasets
import Preparation
import TestSupport
import Testing

@testable import Lockstep

/// What `lockstep kinds` tells is what the readers take.
@Suite struct KindsTests {
  private let kinds: Kinds

  init() throws { kinds = try Kinds() }

  private static func choices() throws -> [(role: String, choice: ConfigDescription.Choice)] {
    let reader = ConfigReader.describing()
    _ = try RunConfiguration(reader, name: "")
    return try reader.description.choices()
  }

  @Test func allRolesAreThere() {
    #expect(
      kinds.roles.map(\.role) == [
        "data", "transforms", "augment", "model", "body", "loss", "metrics", "baseline", "optimizer", "schedule",
        "gradient-transforms", "threshold", "transport",
        "observers", "source", "columns", "split", "vocabulary", "features", "initialiser", "positions", "scale",
        "writer",
      ])
    #expect(kinds.roles.first { $0.role == "model" }?.kinds.map(\.kind) == layerKinds.names + ["repeat"])
    #expect(kinds.roles.first { $0.role == "loss" }?.kinds.map(\.kind) == lossKinds.names)
    #expect(kinds.roles.first { $0.role == "optimizer" }?.kinds.map(\.kind) == OptimizerConfiguration.kinds.names)
  }

  /// What a recipe that sets nothing but what it must comes to: the same keys in the same order, the same defaults.
  @Test func theKeysAtTheTop() throws {
    let run = try configuration("data: two-class\nmodel: [{dense: 2}]\n")
    let keys = run.resolved.split(separator: "\n").filter { !" -".contains($0.first!) }
      .map { $0.prefix { $0 != ":" } }
    var told: [Substring] = []
    for setting in kinds.settings {
      let key = setting.key.prefix { $0 != "." }
      if told.last != key { told.append(key) }
    }
    #expect(told == keys)
    for setting in kinds.settings {
      guard let value = setting.default, !setting.key.contains("."),
        !kinds.roles.contains(where: { $0.role == setting.key })
      else { continue }
      #expect(run.resolved.contains("\n\(setting.key): \(value)\n"), "\(setting.key)")
    }
    // What is below a mapping that is missing is not set at all.
    let decay = try #require(kinds.settings.first { $0.key == "ema.decay" }?.default)
    let averaged = try configuration("data: two-class\nmodel: [{dense: 2}]\nema: {}\n")
    #expect(run.resolved.contains("\nema: null\n") && averaged.resolved.contains("\nema:\n  decay: \(decay)\n"))
  }

  /// Each kind's reader takes the example of it, and lists the keys that were told when it meets another one.
  @Test func theKeysOfEachKind() throws {
    var tried = 0
    for (role, choice) in try Self.choices() {
      for kind in choice.kinds {
        // Those that are known with another setting only are told as well.
        let told = try choice.description(of: kind).keys.filter { key in
          !["with kind: values", "with missing: constant", "with unit: subwords"].contains {
            key.expected.hasSuffix($0)
          }
        }.map(\.name)
        let example = try choice.example(of: kind).split(separator: "\n").map { "    \($0)\n" }.joined()
        let yaml = "x:\n  \(kind):\n" + (told.isEmpty ? "" : example) + "    zzzzzzzzzzzzzzzz: 1\n"
        let known = told.map { String($0.prefix { $0 != "." }) }.reduce(into: [String]()) {
          if $0.last != $1 { $0.append($1) }
        }
        let failure = failure {
          let reader = try ConfigReader(yaml: yaml, file: "run.yaml")
          switch role {
          case "data": _ = try reader.choice("x", sourceKinds.cases { try $0.init($1) })
          case "model": _ = try reader.choice("x", elementKinds())
          case "body": _ = try reader.choice("x", bodyKinds.cases { try $0.init($1) })
          case "loss": _ = try reader.choice("x", lossKinds.cases { try $0.init($1) })
          case "optimizer": _ = try reader.choice("x", OptimizerConfiguration.kinds)
          case "transforms": _ = try reader.choice("x", transformKinds.cases { try $0.init($1) })
          case "augment": _ = try reader.choice("x", augmentationKinds.cases { try $0.init($1) })
          case "metrics": _ = try reader.choice("x", metricKinds.cases { try $0.init($1) })
          case "gradient-transforms":
            _ = try reader.choice("x", gradientTransformKinds.cases { try $0.init($1) })
          case "threshold": _ = try reader.choice("x", ThresholdRule.kinds)
          case "transport": _ = try reader.choice("x", transportKinds.cases { kind, _ in kind })
          case "observers": _ = try reader.choice("x", observerKinds.cases { try $0.init($1) })
          case "schedule": _ = try reader.choice("x", ScheduleConfiguration.kinds)
          case "baseline": _ = try reader.choice("x", BaselineConfiguration.kinds)
          case "source": _ = try reader.choice("x", tableFormatKinds.cases { try $0.init($1) })
          case "columns":
            _ = try reader.choice("x", columnKinds.cases { (try $1.names("columns"), try $0.init($1)) })
          case "split": _ = try reader.choice("x", splitKinds.cases { try $0.init($1) })
          case "scale": _ = try reader.choice("x", numberScaleKinds.cases { try $0.init($1) })
          case "initialiser": _ = try reader.choice("x", initialiserKinds)
          case "positions": _ = try reader.choice("x", AttentionPositions.kinds)
          case "vocabulary": _ = try reader.choice("x", SubwordSettings.cases)
          case "features": _ = try reader.choice("x", soundFeatureKinds.cases { try $0.init($1, rate: 16_000) })
          default: Issue.record("a role that this test does not know: \(role)")
          }
          try reader.finish()
        }
        let cure = known.isEmpty ? "there are no keys here" : "the keys here are \(known.joined(separator: ", "))"
        #expect(failure?.description.hasSuffix("unknown key; \(cure)") == true, "\(kind): \(failure as Any)\n\(yaml)")
        tried += 1
      }
    }
    #expect(tried > 40)
  }

  /// No kind without its line.
  @Test func eachKindHasASummary() throws {
    for role in kinds.roles {
      for kind in role.kinds { #expect(kind.summary?.isEmpty == false, "\(role.role): \(kind.kind)") }
    }
    let silu = lines(Kinds.text(of: try kinds.named("silu"))).last
    #expect(silu == "  silu: x times the sigmoid of x")
    #expect(
      Kinds.text(of: try kinds.named("writer"))
        == "writer: the ending of the name of the file that predict writes\n  csv: a table in CSV format\n  jsonl: a JSON object a line\n"
        + "  parquet: a Parquet file, packed by zstd\n  npy: an array of NumPy: the numbers, or the places of the classes\n"
    )
    #expect(lines(Kinds.text(of: try kinds.named("cosine"))).dropFirst().first == "  cosine: down along half a cosine")
  }

  /// The keys of normalisations never stand alone.
  @Test func theHeadingNamesExceptions() throws {
    func heading(_ name: String) throws -> String? { lines(Kinds.text(of: try kinds.named(name))).first }
    let sentence = "the first key of a kind may stand alone where no other is required, as in dense: 512"
    #expect(try heading("data") == "data: " + sentence)
    #expect(try heading("model") == "model: " + sentence + "; not in batch-norm, rms-norm, layer-norm")
    #expect(try heading("layer-norm") == "model: " + sentence + "; not in layer-norm")
  }

  @Test func rangesDefaultsAndForms() throws {
    func setting(_ kind: String, _ key: String) throws -> Kinds.Setting {
      try #require(try kinds.named(kind)[0].kinds[0].keys.first { $0.key == key })
    }
    let units = try setting("dense", "units")
    #expect(units.required && units.default == nil && units.expected == "a whole number from 1 to 16777216")
    let rate = try setting("adam", "learning-rate")
    #expect(!rate.required && rate.default == "0.001" && rate.expected == "a number greater than 0")
    #expect(try setting("max-pool", "padding").expected.hasSuffix(", or [height, width], or same"))
    #expect(try setting("residual", "body").expected == "a list, of at least 1: a kind of model")
    #expect(try setting("idx", "train.images").required)
    for part in ["train", "test"] {
      let (labels, targets) = (try setting("idx", "\(part).labels"), try setting("idx", "\(part).targets"))
      #expect(!labels.required && labels.expected == "a path, required with kind: classes")
      #expect(!targets.required && targets.expected == "a path, required with kind: values")
    }
    let divisor = try setting("idx", "divisor")
    #expect(!divisor.required && divisor.default == "1.0" && divisor.expected.hasSuffix(", with kind: values"))
    let target = try setting("csv", "target")
    #expect(!target.required && target.expected == "text, or a list of them")
    #expect(try setting("gelu", "approximation").expected.hasPrefix("one of "))
    expectFailure(
      .usage, "adamm: there is no such role or kind; did you mean adam? roles are data, transforms, augment, model"
    ) {
      _ = try kinds.named("adamm")
    }
  }
}
