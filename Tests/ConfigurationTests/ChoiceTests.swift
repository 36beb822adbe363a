import Configuration
import Testing

/// A tree of layers, as a model's schema would have it.
indirect enum Layer: Equatable {
  case relu
  case dense(Int)
  case residual([Layer])

  static func decode(_ value: ConfigValue) throws -> Layer {
    try value.choice([
      "relu": { _ in .relu },
      "dense": { .dense(try $0.int("units", in: 1...)) },
      "residual": { .residual(try $0.list("layers", element: decode)) },
    ])
  }
}

@Suite struct Choices {
  static var optimizers: ConfigCases<Double> {
    [
      "sgd": { try $0.double("rate", default: 0.1) },
      "adam": { try $0.double("learning-rate", default: 0.001, in: .above(0)) },
    ]
  }

  @Test func layers() throws {
    let config = try reader(
      """
      layers:
      - relu
      - dense: 512
      - dense: {units: 64}
      - residual: [relu, dense: 5]
      - residual:
          layers:
          - relu
      - relu:
      """)
    let layers = try config.list("layers", element: Layer.decode)
    #expect(layers == [.relu, .dense(512), .dense(64), .residual([.relu, .dense(5)]), .residual([.relu]), .relu])
    try config.finish()
    #expect(
      config.resolved == """
        layers:
          - relu
          - dense:
              units: 512
          - dense:
              units: 64
          - residual:
              layers:
                - relu
                - dense:
                    units: 5
          - residual:
              layers:
                - relu
          - relu

        """)
    let again = try reader(config.resolved)
    #expect(try again.list("layers", element: Layer.decode) == layers)
    #expect(again.resolved == config.resolved)
  }

  @Test func defaults() throws {
    let config = try reader("x: 1")
    #expect(try config.choice("optimizer", Self.optimizers, default: "adam") == 0.001)
    #expect(config.resolved == "optimizer:\n  adam:\n    learning-rate: 0.001\n")
    #expect(try reader("optimizer: sgd").choice("optimizer", Self.optimizers) == 0.1)
    #expect(
      message { _ = try reader("optimiser: 1").choice("optimizer", Self.optimizers) }
        == "run.yaml: optimizer: required, but missing; did you misspell it as optimiser?")
  }

  @Test func mistakes() throws {
    func choice(_ yaml: String) -> String {
      message {
        let config = try reader(yaml)
        _ = try config.choice("o", Self.optimizers)
        try config.finish()
      }
    }
    #expect(choice("o: adm") == "run.yaml:1: o: expected one of sgd, adam, found adm; did you mean adam?")
    #expect(choice("o: {adm: {}}") == "run.yaml:1: o: expected one of sgd, adam, found adm; did you mean adam?")
    #expect(choice("o: [adam]") == "run.yaml:1: o: expected one of sgd, adam, found a list")
    #expect(choice("o: {}") == "run.yaml:1: o: expected one of sgd, adam, found a mapping")
    #expect(choice("o:") == "run.yaml:1: o: expected one of sgd, adam, found nothing")
    #expect(
      choice("o:\n  sgd:\n  adam:")
        == "run.yaml:2: o: expected a single one of sgd, adam, found sgd, adam; keep one of them")
    #expect(
      choice("o:\n  adam:\n    learning-rate: -1")
        == "run.yaml:3: o.adam.learning-rate: expected a number greater than 0, found -1")
    #expect(
      choice("o:\n  adam:\n    rate: 1")
        == "run.yaml:3: o.adam.rate: unknown key; the keys here are learning-rate")
    #expect(
      message {
        let config = try reader("a:\n- relu: 5")
        _ = try config.list("a", element: Layer.decode)
        try config.finish()
      } == "run.yaml:2: a.0.relu: takes no settings, found 5; write the name alone")
  }
}

@Suite struct Overrides {
  static let yaml = "batch: 8\noptimizer: adam\nlayers:\n- dense: {units: 5}\n- dense: 6\n- relu\n"

  func resolved(_ overrides: String...) throws -> String {
    let config = try reader(Self.yaml, overrides)
    _ = try config.int("batch", in: 1...)
    _ = try config.choice("optimizer", Choices.optimizers)
    _ = try config.list("layers", element: Layer.decode)
    _ = try config.child("log").string("file", default: "none")
    try config.finish()
    return config.resolved
  }

  @Test func replaceAndCreate() throws {
    #expect(try resolved("batch=16").hasPrefix("batch: 16\n"))
    #expect(try resolved("batch=16", "batch=32").hasPrefix("batch: 32\n"))
    #expect(try resolved("optimizer.adam.learning-rate=0.5").contains("  adam:\n    learning-rate: 0.5\n"))
    #expect(try resolved("optimizer={sgd: {rate: 2}}").contains("  sgd:\n    rate: 2.0\n"))
    #expect(try resolved("layers.0.dense.units=64").contains("- dense:\n      units: 64\n"))
    #expect(try resolved("layers.1.dense=65").contains("- dense:\n      units: 65\n"))
    #expect(try resolved("layers.2=dense: 7").contains("- dense:\n      units: 7\n"))
    #expect(try resolved("log.file=a=b").hasSuffix("log:\n  file: \"a=b\"\n"))
    #expect(try resolved("log.file='a & b'").hasSuffix("log:\n  file: \"a \\u0026 b\"\n"))
  }

  @Test func mistakes() {
    func failure(_ override: String) -> String { message { _ = try resolved(override) } }
    #expect(failure("batch=0") == "--set batch: expected a whole number of at least 1, found 0")
    #expect(failure("batch=") == "--set batch: expected a whole number of at least 1, found nothing")
    #expect(
      failure("optimizer.adam.learning-rate=-1")
        == "--set optimizer.adam.learning-rate: expected a number greater than 0, found -1")
    #expect(
      failure("optimizer={adam: {learning-rate: -1}}")
        == "--set optimizer: optimizer.adam.learning-rate: expected a number greater than 0, found -1")
    #expect(
      failure("optimizer.sgd.rate=1")
        == "--set optimizer.sgd.rate: optimizer is adam at run.yaml:2 and has no keys; replace it as a whole")
    #expect(
      failure("layers.3.dense.units=1")
        == "--set layers.3.dense.units: layers is a list with elements 0 to 2, found 3")
    #expect(failure("layers.x=1") == "--set layers.x: layers is a list with elements 0 to 2, found x")
    #expect(
      failure("layers.1.dense.units=1")
        == "--set layers.1.dense.units: layers.1.dense is 6 at run.yaml:5 and has no keys; replace it as a whole")
    #expect(failure("batc=1") == "--set batc: unknown key; did you mean batch?")
    #expect(failure("lg.file=x") == "--set lg.file: lg: unknown key; did you mean log?")
    #expect(
      failure("batch=[1")
        == "--set batch: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence begun on line 1"
    )
    #expect(
      failure(String(repeating: "a.", count: 100_000) + "a=1")
        == "--set \(String(repeating: "a.", count: 30))…: nested more than 64 levels deep")
    #expect(failure("batch=&a 1").hasPrefix("--set batch: anchors (&name) and aliases (*name) are not supported"))
    for text in ["batch", "=5", "a..b=1", ".a=1", ""] {
      #expect(
        message(.usage) { _ = try resolved(text) }
          == "--set \(text): expected key.path=value; for example --set optimizer.adam.learning-rate=0.01")
    }
  }
}
