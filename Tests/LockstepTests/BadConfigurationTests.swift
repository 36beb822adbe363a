import TestSupport
import Testing

@testable import Lockstep

/// What is wrong in a configuration, where, and with which cure.
@Suite struct BadConfigurationTests {
  /// Line 1 is the first; the bad one is appended as line 4.
  static let good = """
    data: {two-class: {train: 64}}
    model: [{dense: 2}]
    batch: 8

    """

  @Test func theTextTheOthersAreMadeOfIsGood() throws {
    #expect(try configuration(Self.good).batch == 8)
  }

  @Test(arguments: [
    ("bach: 8", "run.yaml:4: bach: unknown key; did you mean batch?"),
    ("batch-size: 8", "run.yaml:4: batch-size: unknown key; did you mean batch?"),
    ("learning_rate: 8", "run.yaml:4: learning_rate: unknown key; did you mean optimizer.adam.learning-rate?"),
    ("optimizer: {name: sgd, lr: 1}", "found name, lr; name one of them, with its settings below it"),
    ("optimizer: {sgd: 1, momentum: 0.9}", "settings stand below the name: sgd: {momentum: …}"),
    ("optimizer: sgd 0.1", "found sgd 0.1; did you mean sgd: 0.1?"),
    ("loss: cross", "found cross; did you mean cross-entropy?"),
    ("epoch: 8", "run.yaml:4: epoch: unknown key; did you mean epochs?"),
    ("micro-batch: 3", "run.yaml:3: batch: expected a multiple of the micro-batch (3), found 8"),
    ("micro-batch: 16", "run.yaml:3: batch: expected a multiple of the micro-batch (16), found 8"),
    ("micro-batch: 0", "run.yaml:4: micro-batch: expected a whole number from 1 to 16777216, found 0"),
    ("epochs: 0", "run.yaml:4: epochs: expected a whole number from 1"),
    ("epochs: 1.5", "run.yaml:4: epochs: expected a whole number from 1"),
    ("epochs: \"3\"", "remove the quotes"),
    ("seed: -1", "run.yaml:4: seed: expected a whole number of at least 0, found -1"),
    ("standardise: pixel", "run.yaml:4: standardise: expected one of none, feature, channel, found pixel"),
    ("loss: cross-entropie", "found cross-entropie; did you mean cross-entropy?"),
    ("loss: {cross-entropy: {label-smoothing: 1.5}}", "label-smoothing: expected a number from 0 to 1, found 1.5"),
    ("loss: {cross-entropy: {class-weights: [1, -1]}}", "class-weights.1: expected a number from 0"),
    ("loss: {cross-entropy: {class-weights: [0, 0]}}", "loss.cross-entropy.class-weights: all are 0"),
    ("loss: {cross-entropy: {ignore: none}}", "loss.cross-entropy.ignore: expected a whole number"),
    ("loss: {binary-cross-entropy: {positive-weight: -1}}", "positive-weight: expected a number from 0"),
    ("loss: {huber: {delta: 0}}", "loss.huber.delta: expected a number from 1.17549"),
    ("loss: {mean-squared-error: 2}", "loss.mean-squared-error: takes no settings, found 2"),
    ("optimizer: adamm", "found adamm; did you mean adam?"),
    ("optimizer: {adam: 0}", "run.yaml:4: optimizer.adam.learning-rate: expected a number greater than 0, found 0"),
    ("optimizer: {adam: -0.1}", "expected a number greater than 0, found -0.1"),
    ("optimizer: {sgd: {learning-rate: .nan}}", "run.yaml:4: optimizer.sgd.learning-rate: expected a number"),
    ("optimizer: {sgd: {learning-rat: 1}}", "learning-rat: unknown key; did you mean learning-rate?"),
    ("optimizer: {sgd: {momentum: 1}}", "optimizer.sgd.momentum: expected a number of at least 0 and less than 1"),
    ("optimizer: {sgd: {nesterov: true}}", "needs a momentum greater than 0; set momentum, or remove nesterov"),
    ("optimizer: {adam: {beta1: 1}}", "optimizer.adam.beta1: expected a number from 0 to 0.99999994"),
    ("optimizer: {adam: {beta2: -1}}", "optimizer.adam.beta2: expected a number from 0 to 0.99999994"),
    ("optimizer: {adam: {beta2: 0.99999999}}", "optimizer.adam.beta2: expected a number from 0 to 0.99999994"),
    ("optimizer: {adam: {epsilon: 1e-40}}", "optimizer.adam.epsilon: expected a number of at least 1.17549"),
    ("optimizer: {adam: {epsilon: 0}}", "optimizer.adam.epsilon: expected a number of at least 1.17549"),
    ("optimizer: {adamw: {weight-decay: -1}}", "optimizer.adamw.weight-decay: expected a number of at least 0"),
    ("optimizer: {rmsprop: {smoothing: 1}}", "optimizer.rmsprop.smoothing: expected a number from 0 to 0.99999994"),
    ("optimizer: {rmsprop: {momentum: 1}}", "optimizer.rmsprop.momentum: expected a number of at least 0 and less"),
    ("optimizer: {lamb: {epsilon: 0}}", "optimizer.lamb.epsilon: expected a number of at least 1.17549"),
    ("schedule: {one-cycle: {rise: 2}}", "schedule.one-cycle.rise: expected a number from 0 to 1, found 2"),
    ("schedule: {one-cycle: {start-divisor: 0}}", "schedule.one-cycle.start-divisor: expected a number of at least 1"),
    ("schedule: {one-cycle: {warmup: 3}}", "schedule.one-cycle.warmup: unknown key"),
    ("optimizer: {adamw: {decay: bias}}", "optimizer.adamw.decay: expected one of all, weights, found bias"),
    ("schedule: cosin", "found cosin; did you mean cosine?"),
    ("schedule: step", "schedule.step.every: required, but missing"),
    ("schedule: {step: 0}", "schedule.step.every: expected a whole number of at least 1"),
    ("schedule: {cosine: {warmup: -1}}", "schedule.cosine.warmup: expected a whole number of at least 0"),
    ("schedule: {linear: {minimum: -1}}", "schedule.linear.minimum: expected a number of at least 0"),
    ("clip-norm: 0", "run.yaml:4: clip-norm: expected a number greater than 0, found 0"),
    (
      "gradient-transforms: [clip-by-globl-norm]",
      "run.yaml:4: gradient-transforms.0: expected one of clip-by-global-norm, found clip-by-globl-norm; did you mean "
        + "clip-by-global-norm?"
    ),
    (
      "gradient-transforms: [{clip-by-global-norm: {limt: 1}}]",
      "gradient-transforms.0.clip-by-global-norm.limit: required, but missing; did you misspell it as limt?"
    ),
    (
      "gradient-transforms: [{clip-by-global-norm: 0}]",
      "gradient-transforms.0.clip-by-global-norm.limit: expected a number greater than 0, found 0"
    ),
    (
      "gradient-transforms: [{clip-by-global-norm: 1}]\nclip-norm: 2",
      "run.yaml:4: gradient-transforms: expected clip-by-global-norm once, found it in the list and as clip-norm: 2.0; "
        + "leave clip-norm out, or take it off the list"
    ),
    ("transport: memry", "run.yaml:4: transport: expected one of native, memory, messages, found memry; did you mean"),
    ("transport: {memory: {size: 1}}", "run.yaml:4: transport.memory.size: unknown key"),
    ("observers: epoch-table", "run.yaml:4: observers: expected a list"),
    (
      "observers: [epochs-table]",
      "run.yaml:4: observers.0: expected one of epoch-table, mlflow, report, tensorboard, found epochs-table; did you mean epoch-table?"
    ),
    ("ema: {decay: 1}", "run.yaml:4: ema.decay: expected a number of at least 0 and less than 1, found 1"),
    ("ema: {rate: 0.9}", "ema.rate: unknown key"),
    ("decide: {}", "run.yaml:4: decide.threshold: expected a threshold or a calibration to be fitted, found neither"),
    (
      "decide: {threshold: f2}",
      "run.yaml:4: decide.threshold: expected one of f1, recall, cost, found f2; did you mean f1?"
    ),
    ("decide: {threshold: {recall: 1.5}}", "decide.threshold.recall.least: expected a number from 0 to 1, found 1.5"),
    ("decide: {threshold: {cost: 5}}", "write {false-positive: 5} or {false-negative: 5}"),
    ("decide: {threshold: {cost: {false-positive: 1}}}", "decide.threshold.cost.false-negative: required, but missing"),
    (
      "decide: {threshold: {cost: {false-positive: 0, false-negative: 0}}}",
      "expected decisions that differ in what they"
    ),
    ("decide: {threshold: {cost: {false-positive: .inf, false-negative: 1}}}", "false-positive: expected a number"),
    ("decide: {threshold: {cost: {false-positve: 1, false-negative: 1}}}", "did you misspell it as false-positve?"),
    (
      "decide: {threshold: f1, calibrate: platt}",
      "decide.calibrate: expected one of temperature, isotonic, found platt"
    ),
    ("decide: {threshold: f1, positiv: bad}", "run.yaml:4: decide.positiv: unknown key; did you mean positive?"),
    ("decide: f1", "run.yaml:4: decide: expected a mapping"),
    ("reduction: mpi", "run.yaml:4: reduction: expected one of canonical, native, found mpi"),
    ("bucket-size: 0", "run.yaml:4: bucket-size: expected a whole number from 1"),
    ("lanes: 0", "run.yaml:4: lanes: expected a whole number from 1 to 1024, found 0"),
    ("lanes-per-leaf: 0", "run.yaml:4: lanes-per-leaf: expected auto or a whole number from 1 to 1024, found 0"),
    ("lanes-per-leaf: all", "run.yaml:4: lanes-per-leaf: expected auto or a whole number from 1 to 1024, found all"),
    ("instruction-set: avx1024", "run.yaml:4: instruction-set: expected one of plain, avx2, avx512, found avx1024"),
    ("log-every: 0", "run.yaml:4: log-every: expected a whole number of at least 1"),
    ("evaluate-every: no", "run.yaml:4: evaluate-every: expected a whole number of at least 1, found no"),
    ("checkpoint-every: 0", "run.yaml:4: checkpoint-every: expected a whole number of at least 1"),
    ("keep-checkpoints: 0", "run.yaml:4: keep-checkpoints: expected a whole number of at least 1"),
    ("batch: 8", "run.yaml:3: the key \"batch\" is given twice in one mapping"),
    ("seed: [1", "not valid YAML: did not find expected ',' or ']' while parsing a flow sequence begun on line 4"),
  ])
  func aLineOfItsOwn(line: String, message: String) {
    expectFailure(.badConfiguration, message) { _ = try configuration(Self.good + line + "\n") }
  }

  @Test(arguments: [
    ("model=[{dens: 2}]", "found dens; did you mean dense?"),
    ("model=[{convolute: 2}]", "found convolute"),
    ("model=[]", "--set model: expected a number of elements of at least 1, found 0"),
    ("model=[dense]", "model.0.dense.units: required, but missing"),
    ("model=[{dense: 0}]", "model.0.dense.units: expected a whole number from 1"),
    ("model=[{dense: {units: 2, bais: false}}]", "model.0.dense.bais: unknown key; did you mean bias?"),
    ("model=[{dense: {units: 2, initialiser: hee}}]", "found hee; did you mean he?"),
    ("model=[{dense: {units: 2, initialiser: {normal: {deviation: -1}}}}]", "expected a number of at least 0"),
    ("model=[{dropout: 1}]", "model.0.dropout.rate: expected a number of at least 0 and less than 1, found 1"),
    ("model=[{relu: 3}]", "model.0.relu: takes no settings, found 3; write the name alone"),
    ("data=two-clas", "found two-clas; did you mean two-class?"),
    ("data.two-class.train=0", "--set data.two-class.train: expected a whole number from 1"),
    ("data={csv: {}}", "data.csv.train: required, but missing"),
    ("data={csv: {train: a.csv, kind: numbers}}", "data.csv.kind: expected one of classes, values, found numbers"),
    ("data={csv: {train: a.csv, kind: values, classes: [a]}}", "data.csv.classes: unknown key"),
    ("data={csv: {train: a.csv, classes: [a, a]}}", "data.csv.classes: a is named twice; name it once"),
    ("data={idx: {train: {images: a}}}", "data.idx.train.labels: required, but missing"),
    ("model.7.dense=2", "--set model.7.dense: model is a list with elements 0 to 0, found 7"),
    (
      "data.csv.train=a",
      "--set data.csv.train: data: expected a single one of idx, csv, table, text, two-class"
    ),
    ("data.csv.train=a", "found two-class, csv; replace it as a whole: --set 'data={csv: {…}}'"),
    ("batch.size=2", "--set batch.size: batch is 8 at run.yaml:3 and has no keys; replace it as a whole"),
  ])
  func anOverride(override: String, message: String) {
    expectFailure(.badConfiguration, message) { _ = try configuration(Self.good, override) }
  }

  @Test(arguments: ["batch", "", "=3", "batch..size=3", ".batch=3"])
  func anOverrideThatIsNone(override: String) {
    expectFailure(.usage, "expected key.path=value; for example --set") {
      _ = try configuration(Self.good, override)
    }
  }

  @Test func missingParts() {
    expectFailure(.badConfiguration, "run.yaml: the configuration is empty") { _ = try configuration("") }
    expectFailure(.badConfiguration, "run.yaml: model: required, but missing; did you misspell it as modell?") {
      _ = try configuration("data: two-class\nmodell: [{dense: 2}]\n")
    }
    expectFailure(.badConfiguration, "data: required, but missing") { _ = try configuration("model: [{dense: 2}]") }
  }

  @Test func missingFiles() throws {
    expectFailure(.missingInput, "twoclass: there is no such recipe or file; did you mean two-class?") {
      _ = try RunConfiguration(recipeOrFile: "twoclass")
    }
    expectFailure(.missingInput, "nowhere.yaml: open: No such file or directory") {
      _ = try RunConfiguration(recipeOrFile: "nowhere.yaml")
    }
    let folder = try Folder()
    expectFailure(.missingInput, "\(folder.path): expected a file, found a directory") {
      _ = try RunConfiguration(recipeOrFile: folder.path)
    }
    let binary = try folder.write("binary.yaml", [0x62, 0xff, 0xfe])
    expectFailure(.badConfiguration, "binary.yaml: expected UTF-8 text") {
      _ = try RunConfiguration(recipeOrFile: binary)
    }
  }
}

/// One line with this code, which holds `message`.
func expectFailure(
  _ code: ExitCode, _ message: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  guard let found = failure(body) else {
    Issue.record("expected a failure: \(message)", sourceLocation: sourceLocation)
    return
  }
  #expect(found.code == code, "\(found)", sourceLocation: sourceLocation)
  #expect("\(found)".contains(message), sourceLocation: sourceLocation)
}
