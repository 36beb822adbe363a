import Foundation
import Testing

@testable import Lockstep

@Suite struct RecipeTests {
  @Test func fashionMNIST() throws {
    let run = try RunConfiguration(recipeOrFile: "fashion-mnist")
    #expect(run.name == "fashion-mnist")
    #expect((run.batch, run.microBatch, run.epochs, run.seed) == (256, 64, 10, 1))
    #expect(run.layers.map { type(of: $0).kind } == ["flatten", "dense", "relu", "dense", "relu", "dense"])
    guard let data = run.data as? IDXSource, let test = data.test, case .classes(let classes?) = data.target else {
      Issue.record("expected IDX files with test data and class names, found \(run.data)")
      return
    }
    #expect(data.train.images.hasSuffix("train-images-idx3-ubyte.gz"))
    #expect(test.targets.hasSuffix("t10k-labels-idx1-ubyte.gz"))
    #expect(classes.count == 10 && Set(classes).count == 10)
    #expect(run.schedule == ScheduleConfiguration(shape: .cosine(minimum: 0), warmup: 100))
  }

  @Test func charGPT() throws {
    let run = try RunConfiguration(recipeOrFile: "char-gpt")
    #expect((run.batch, run.microBatch, run.epochs, run.transforms.isEmpty) == (24, 12, 1, true))
    #expect(
      run.layers.map { type(of: $0).kind }
        == ["embedding", "positions"] + Array(repeating: "residual", count: 8) + ["layer-norm", "dense"])
    guard let text = run.data as? TextSource else {
      Issue.record("expected a text, found \(run.data)")
      return
    }
    let settings = text.settings
    #expect(text.file.hasSuffix("jargon.txt.gz"))
    #expect((settings.unit, settings.length, settings.stride, settings.vocabulary) == (.characters, 64, 64, 256))
  }

  @Test func twoClass() throws {
    let run = try RunConfiguration(recipeOrFile: "two-class")
    #expect(run.learningRate == 0.01)
    #expect((run.transforms.transforms.first as? Standardise)?.granularity == .feature)
    #expect(run.loss is CrossEntropyLoss && run.metrics.isEmpty)
    #expect(run.gradientTransforms.isEmpty && run.transport == nil && run.observers.isEmpty)
    guard let data = run.data as? TwoClassSource, (data.train, data.test) == (4096, 1024) else {
      Issue.record("expected generated data, found \(run.data)")
      return
    }
  }

  /// Those of tables read what scripts/data writes, from the current folder.
  @Test(arguments: [
    ("credit-risk", "Status"), ("disease", "diabetes"), ("breast-cancer", "diagnosis"), ("sales", "sales"),
    ("churn", "churn"), ("movielens", "film"), ("accidents", "dead"), ("shuttle", "Class"), ("topics", "topic"),
    ("reviews", "score"),
  ])
  func tables(name: String, target: String) throws {
    let run = try RunConfiguration(recipeOrFile: name)
    guard let data = run.data as? TableSource else {
      Issue.record("expected a table, found \(run.data)")
      return
    }
    #expect(data.settings.targets == [target])
    #expect(run.resolved.contains("\(FileManager.default.currentDirectoryPath)/\(name).csv"))
    // Training is watched by validation rows, so that nothing is chosen by those it is measured on.
    #expect(run.resolved.contains("validation: 0.1") || run.resolved.contains("by: part"))
  }

  /// What a run writes down can be read again, and says the same.
  @Test(arguments: Recipes.names, [[], ["clip-norm=0.5", "lanes=3", "checkpoint-every=7", "instruction-set=avx2"]])
  func resolvedTextIsAFixedPoint(recipe: String, overrides: [String]) throws {
    // Who was told of a run is left out of what a checkpoint is read as.
    let first = try RunConfiguration(recipeOrFile: recipe, overrides: overrides + ["observers=[]"])
    let second = try RunConfiguration(resolved: first.resolved, of: "runs/a/step-00000001")
    #expect(second.resolved == first.resolved)
    #expect(second.identity.map(\.text) == first.identity.map(\.text))
    #expect(second.gradientTransforms.count == first.gradientTransforms.count && second.lanes == first.lanes)
    #expect((second.batch, second.microBatch, second.seed) == (first.batch, first.microBatch, first.seed))
  }

  /// Checkpoints of older versions may hold relative paths.
  @Test func pathsOfACheckpointStartFromTheCurrentDirectory() throws {
    let old = "data: {csv: {train: data/a.csv, test: /b.csv}}\nmodel: [{dense: 2}]\n"
    let run = try RunConfiguration(resolved: old, of: "runs/a/step-00000001")
    guard let data = run.data as? CSVSource else {
      Issue.record("expected a table, found \(run.data)")
      return
    }
    #expect((data.train, data.test) == (FileManager.default.currentDirectoryPath + "/data/a.csv", "/b.csv"))
  }

  @Test func overridesReachEveryDepth() throws {
    let run = try RunConfiguration(
      recipeOrFile: "two-class",
      overrides: ["optimizer.adam.learning-rate=0.5", "model.0.dense=3", "data.two-class.train=9", "seed=7"])
    #expect(run.learningRate == 0.5)
    #expect((run.layers[0] as? Dense)?.units == 3)
    #expect(run.seed == 7)
  }

  /// The later of two settings counts, and neither changes what the text looks like.
  @Test func theLastOfTwoOverridesCounts() throws {
    let once = try RunConfiguration(recipeOrFile: "two-class", overrides: ["seed=3"])
    let twice = try RunConfiguration(recipeOrFile: "two-class", overrides: ["seed=9", "seed=3"])
    #expect(once.resolved == twice.resolved)
  }

  /// Every setting decides the numbers unless it is known not to: a new one is safe by default.
  @Test func onlyOperationalSettingsMayChangeOnResume() throws {
    let run = try RunConfiguration(recipeOrFile: "two-class")
    let keys = run.identity.map(\.key)
    #expect(
      keys == [
        "standardise", "transforms", "model", "loss", "optimizer", "schedule", "gradient-transforms", "clip-norm",
        "ema", "epochs", "batch", "micro-batch", "seed", "reduction",
      ])
    let all = lines(run.resolved).filter { $0.first != " " && $0.first != "-" }.map { String($0.prefix { $0 != ":" }) }
    #expect(Set(all) == Set(keys).union(RunConfiguration.operationalKeys).union(RunConfiguration.laterKeys.keys))
  }
}
