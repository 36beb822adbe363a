import Communication
import Datasets
import Diagnostics
import Host
import TestSupport
import Testing

@testable import Lockstep

/// Whether data, model and loss fit together is known before anything is computed or written.
@Suite struct FittingTests {
  let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.write("three.csv", "x,y,kind\n1,2,a\n2,3,b\n3,4,c\n4,5,a\n")
    try folder.write("one.csv", "x,kind\n1,a\n2,b\n")
    try folder.write("alone.csv", "x,kind\n1,a\n2,a\n")
    try folder.write("prices.csv", "x,price\n1,2.5\n2,3.5\n3,4\n")
    try folder.write("price.csv", "x,price\n1,9.5\n")
    try folder.write("bare.csv", "1.5,a\n2.5,b\n")
    try folder.write("value.csv", "x,y,z\n1,2,0.5\n2,3,1.5\n")
  }

  @Test(arguments: [
    // A layer names itself and its place.
    ("data=two-class", "model=[{dense: 2}]", nil),
    ("data={csv: {train: F/three.csv}}", "model=[{dense: 3}]", nil),
    ("data={csv: {train: F/alone.csv}}", "model=[{dense: 1}]", "alone.csv: expected several classes, found a alone"),
    ("data={csv: {train: F/three.csv}}", "model=[{dense: 2}]", "three.csv: 3 classes, but the model has 2 outputs"),
    ("data={csv: {train: F/three.csv}}", "loss=mean-squared-error", "mean-squared-error needs numbers or two classes"),
    ("data={csv: {train: F/three.csv}}", "loss=binary-cross-entropy", "found 3 classes; use cross-entropy"),
    ("data={csv: {train: F/value.csv, kind: values}}", "batch=4", "cross-entropy needs classes, and the targets are"),
    (
      "data={csv: {train: F/value.csv, kind: values}}", "loss=mean-squared-error",
      "1 target a sample, but the model has 2 outputs; give the last dense layer 1 units"
    ),
    ("data={csv: {train: F/three.csv, test: F/one.csv}}", "model=[{dense: 3}]", "expected a feature column 'y'"),
    ("data={csv: {train: F/one.csv, test: F/three.csv}}", "batch=4", "expected one of 2 classes, found 'c'"),
    (
      "data={csv: {train: F/prices.csv}}", "loss=mean-squared-error",
      "'price' looks like numbers to be predicted: set kind"
    ),
    (
      "data={csv: {train: F/prices.csv}}", "model=[{dense: 2}]",
      "3 classes, but the model has 2 outputs; column 'price'"
    ),
    (
      "data={csv: {train: F/prices.csv, test: F/price.csv}}", "model=[{dense: 3}]",
      "found '9.5'; where the target is a num"
    ),
    (
      "data={csv: {train: F/bare.csv}}", "model=[{dense: 2}]",
      "expected a header, found numbers as in the rows below it"
    ),
    ("data={csv: {train: F/bare.csv, header: false}}", "model=[{dense: 2}]", nil),
    (
      "data={csv: {train: F/bare.csv, header: false, target: 1, kind: values, features: [2]}}", "batch=1",
      "column 2: expec"
    ),
    (
      "data={csv: {train: F/three.csv, target: knd}}", "batch=4", "target column 'knd', found none; did you mean 'kind'"
    ),
  ])
  func table(data: String, other: String, message: String?) throws {
    let overrides = [data.replacing("F/", with: "\(folder.path)/"), other]
    let failure = failure {
      _ = try PreparedData(
        configuration("data: two-class\nmodel: [{dense: 2}]\nbatch: 4\n", overrides[0], overrides[1]))
    }
    if let message {
      #expect(failure?.description.contains(message) == true, "\(failure?.description ?? "no failure")")
      #expect([.badData, .badConfiguration].contains(failure?.code))
    } else {
      #expect(failure == nil)
    }
  }

  /// What would be computed wrongly, or could not be, is refused in a line.
  @Test(arguments: [
    (
      ["data={csv: {train: F/signs.csv, kind: values}}", "loss=binary-cross-entropy", "model=[dense: 1]"],
      "signs.csv: expected targets in 0...1 for binary-cross-entropy, found -1.0 for sample 1; code the classes as 0"
    ),
    (
      ["data={idx: {train: {images: F/images, labels: F/labels}}}", "model=[flatten, dense: 2]"],
      "expected labels in 0..<2, as the model has outputs, found 255 for sample 1; correct the label, or give"
    ),
    (
      ["standardise=none", "model=[relu, embedding: {vocabulary: 2, width: 2}, flatten, dense: 2]"],
      "model.1 (embedding): expected tokens of the data, found what the layers before it compute; put it at the start"
    ),
    (
      ["standardise=none", "model=[flatten, embedding: {vocabulary: 2, width: 2}, flatten, dense: 2]"],
      "two-class (train): expected whole numbers in 0..<2 for model.1 (embedding), found"
    ),
    (
      ["model=[{select: {first: 9223372036854775807, count: 1}}]"],
      "model.0.select.first: expected a whole number from 0 to 16777216"
    ),
    (
      ["model=[{reshape: {shape: [16777216, 16777216, 16777216, 16777216]}}]"],
      "model.0 (reshape): expected 70368744177664 elements, for 16777216×16777216×16777216×16777216, found 2"
    ),
    (
      ["data={noise: {shape: [16777216, 16777216, 16777216], classes: 2, count: 4}}"],
      "data.noise.count: expected at most "
    ),
    (
      ["data={noise-text: {vocabulary: 16777216, length: 16777216, count: 16777216}}"],
      "data.noise-text.count: expected at most "
    ),
  ])
  func isRefused(overrides: [String], message: String) throws {
    try folder.write("signs.csv", "x,y\n1,1\n2,-1\n")
    try folder.write("images", idx([3, 2], [1, 2, 3, 4, 5, 6]))
    try folder.write("labels", idx([3], [0, 255, 1]))
    try folder.write("run.yaml", "data: two-class\nmodel: [{dense: 2}]\nbatch: 1\n")
    let found = failure {
      _ = try PreparedData(
        RunConfiguration(
          recipeOrFile: folder["run.yaml"], overrides: overrides.map { $0.replacing("F/", with: "\(folder.path)/") }))
    }
    #expect(found?.description.contains(message) == true, "\(found?.description ?? "no failure")")
    #expect([.badData, .badConfiguration].contains(found?.code))
  }

  /// Each rank reads its own copy; one that differs would leave the others waiting.
  @Test(arguments: [(1024, 2), (1023, 1)])
  func allRanksNeedTheSameData(samples: Int, seed: UInt64) throws {
    func check(_ odd: Dataset?, ranks: Int) throws {
      _ = try LocalWorld.run(ranks: ranks) { world in
        let whole = Dataset.twoClass(count: 1024, seed: 1, part: .train)
        let datasets = [whole, world.rank == 2 ? odd : whole]
        try PreparedData.requireSame(datasets, datasets.map { $0?.checksum ?? 0 }, world)
      }
    }
    try check(Dataset.twoClass(count: 1024, seed: 1, part: .train), ranks: 3)
    let odd = Dataset.twoClass(count: samples, seed: seed, part: .train)
    let error = #expect(throws: CollectiveFailure.self) { try check(odd, ranks: 4) }
    #expect(error?.rank == 2 && error?.failure.code == .badData)
    #expect(error?.failure.description.contains("expected the same data as rank 0 has") == true, "\(error!)")
    #expect(throws: CollectiveFailure.self) { try check(nil, ranks: 3) }
    // No rank has any.
    _ = try LocalWorld.run(ranks: 2) { try PreparedData.requireSame([nil], [0], $0) }
  }

  /// Images reach a dense layer only through a flatten.
  @Test func aLayerNamesItselfAndItsPlace() throws {
    let images = try folder.write("images", idx([2, 3, 3], Array(0..<18)))
    let labels = try folder.write("labels", idx([2], [0, 1]))
    let yaml = """
      data: {idx: {train: {images: \(images), labels: \(labels)}}}
      batch: 2
      model: [{relu: }, {dense: 2}]

      """
    expectFailure(.badConfiguration, "model.1 (dense): expected samples of rank 1 or 2 (put a flatten before it)") {
      _ = try PreparedData(configuration(yaml))
    }
    expectFailure(.badConfiguration, "the model gives 3×3×1 a sample, where a row is expected") {
      _ = try PreparedData(configuration(yaml, "model=[relu]"))
    }
    #expect(throws: Never.self) { try PreparedData(configuration(yaml, "model=[flatten, {dense: 2}]")) }
  }

  @Test func aModelThatIsLargerThanTheMemory() throws {
    let run = try configuration("data: two-class\nmodel: [{dense: 1000}, {dense: 2}]\nbatch: 8\n")
    let plan = try PreparedData(run).plan
    func memory(_ bytes: Int) -> ProcessMemory { ProcessMemory(root: "/nonexistent", host: bytes, own: nil) }
    // 3,000 + 2,002 parameters and as many gradients are 40,016 bytes; slots and activations take a little more.
    #expect(throws: Never.self) { try MemoryNeed.require(for: plan, ranks: 2, available: memory(400_000)) }
    #expect(throws: Failure.self) {
      try MemoryNeed.require(for: plan, ranks: 2, copies: 20, available: memory(400_000))
    }
    expectFailure(.unavailable, "found 40.0 kB (this host); make a layer smaller") {
      try MemoryNeed.require(for: plan, ranks: 1, available: memory(40_000))
    }
    expectFailure(
      .unavailable, "for 10 ranks, found 400.0 kB (this host); make a layer smaller, or start fewer ranks a host"
    ) {
      try MemoryNeed.require(for: plan, ranks: 10, available: memory(400_000))
    }
    expectFailure(.unavailable, "model: expected at least 1120002.7 GB of memory for 1 rank") {
      try train("two-class", ["model=[dense: 10000000, dense: 4000000, dense: 2]"], in: folder["run"])
    }
    #expect(!folder.exists("run"))
  }

  /// A mistake in the settings is found before there is an output directory.
  @Test func nothingIsWrittenForARunThatCannotBegin() throws {
    expectFailure(.badConfiguration, "2 classes, but the model has 5 outputs") {
      try train("two-class", ["model.2.dense=5"], in: folder["run"], ranks: 2)
    }
    #expect(!folder.exists("run"))
  }
}

/// An IDX file of unsigned bytes.
func idx(_ extents: [Int], _ bytes: [UInt8]) -> [UInt8] {
  var file: [UInt8] = [0, 0, 8, UInt8(extents.count)]
  for extent in extents { file += [0, 0, UInt8(extent >> 8), UInt8(extent & 255)] as [UInt8] }
  return file + bytes
}
