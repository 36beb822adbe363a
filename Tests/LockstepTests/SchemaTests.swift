import Configuration
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// What `lockstep schema` prints is what the readers take, and an editor sees what they refuse.
@Suite struct SchemaTests {
  private static let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
  private let schema: JSON
  /// Two brackets are open.
  private let table = "model: [relu]\ndata: {table: {source: {csv: a}, target: y, columns: [{number: a}, {vector: v}], "

  init() throws {
    schema = try Self.parsed(try JSONSerialization.jsonObject(with: Data(ConfigurationSchema.json().utf8)))
  }

  private static func parsed(_ object: Any) throws -> JSON {
    switch object {
    case let object as [String: Any]: .object(try object.mapValues(parsed))
    case let array as [Any]: .array(try array.map(parsed))
    case let text as String: .string(text)
    default: .string("\(object)")
    }
  }

  /// Verdicts of a real validator on texts, in their order; nil where this machine has none.
  private func verdicts(_ texts: [String]) throws -> [String]? {
    let folder = try Folder()
    try folder.write("schema.json", try ConfigurationSchema.json())
    for (index, text) in texts.enumerated() { try folder.write("\(index).yaml", text) }
    let script = Self.root.appending(path: "scripts/check-schema").path
    let files = texts.indices.map { folder["\($0).yaml"] }
    let ended = try run(script, [folder["schema.json"]] + files, deadline: 120)
    if ended.code == 69 || ended.code == 127 {
      notTested("the schema by a validator", because: ended.errors)
      return nil
    }
    try #require(ended.code == 0 || ended.code == 65, "\(ended.errors)")
    return lines(ended.output).map { $0.replacing(folder.path + "/", with: "") }
  }

  @Test func recipesAndExamplesAreTaken() throws {
    var texts = Recipes.all.sorted { $0.key < $1.key }.map(\.value)
    let models = Self.root.appending(path: "Sources/Benchmarks/Models")
    for file in try FileManager.default.contentsOfDirectory(at: models, includingPropertiesForKeys: nil)
    where file.pathExtension == "yaml" { texts.append(try String(contentsOf: file, encoding: .utf8)) }
    let reader = ConfigReader.describing()
    _ = try RunConfiguration(reader, name: "")
    for (role, choice) in try reader.description.choices() {
      for kind in choice.kinds {
        let keys = try choice.description(of: kind).keys
        let example = keys.isEmpty ? "" : try choice.example(of: kind)
        let value = "\(kind):\n" + lines(example).map { "        \($0)\n" }.joined()
        let text =
          switch role {
          case "data": "data:\n    \(value)model: [relu]\n"
          case "model": "data: two-class\nmodel:\n  - \(value)"
          case "body": "data: two-class\nmodel:\n    \(value)"
          case "transforms", "augment", "metrics", "gradient-transforms", "observers":
            "data: two-class\nmodel: [relu]\n\(role):\n  - \(value)"
          case "source", "split":
            "data:\n  table:\n    target: y\n    columns: [{number: a}]\n    \(role):\n      \(value)"
              + (role == "split" ? "    source: {csv: a.csv}\n" : "") + "model: [relu]\n"
          case "columns":
            "data:\n  table:\n    target: y\n    source: {csv: a.csv}\n    columns:\n    - \(value)model: [relu]\n"
          case "scale":
            "data: {table: {source: {csv: a.csv}, target: y, columns: [{number: {columns: a, scale: {\(kind): null}}}]}}\n"
              + "model: [relu]\n"
          case "vocabulary": "data:\n  text:\n    file: a.txt\n    vocabulary:\n      \(value)model: [relu]\n"
          case "features": "data:\n  audio:\n    train: a\n    features:\n      \(value)model: [relu]\n"
          case "threshold": "data: two-class\nmodel: [relu]\ndecide:\n  threshold:\n      \(value)"
          case "positions":
            "data: two-class\nmodel: [{attention: {heads: 1, causal: true, positions: {\(kind): null}}}]\n"
          case "initialiser": "data: two-class\nmodel: [{dense: {units: 1, initialiser: {\(kind): null}}}]\n"
          default: "data: two-class\nmodel: [relu]\n\(role):\n    \(value)"
          }
        texts.append(text)
      }
    }
    texts += [
      "data: {csv: {train: a.csv, target: [x, y], kind: values, header: null}}\nmodel: [{dense: 2}]\n",
      "data: two-class\nmodel: [{max-pool: {size: [2, 3], padding: same}}, {sequential: [relu, {dense: 1}]}]\nema:\n",
      "data: {text: {file: a}}\nmodel: [{parallel: [[relu], [{repeat: {times: 2, body: [relu]}}]]}]\nseed: 1\n",
      "data: two-class\nmodel: [relu]\ngradient-transforms: [{clip-by-global-norm: 1}]\nobservers: [epoch-table]\n",
      "data: two-class\nmodel: [relu]\ngradient-transforms: []\ntransport: messages\n",
      table + "rows: {filter: a > 1, ranges: {a: [0, null]}}, weight: w, resample: oversample}}\n",
      table + "defaults: {number: {scale: robust}, date: {}}}}\n", table + "rows: null, defaults: null}}\n",
      "data: two-class\nmodel: [relu]\ntransport: null\nobservers: []\n",
      "data: two-class\nmodel: [{positions: normal}, {leaky-relu: 1e-3}]\noptimizer: {sgd: .5}\nloss: {huber: null}\n",
    ]
    guard let found = try verdicts(texts) else { return }
    #expect(found.count == texts.count && found.count > 50)
    for (verdict, text) in zip(found, texts) { #expect(verdict.hasPrefix("valid "), "\(verdict)\n\(text)") }
  }

  @Test func mistakesAreSeen() throws {
    let head = "data: two-class\nmodel: [{dense: 2}]\n"
    let broken: [(text: String, key: String)] = [
      (head + "epoch: 3\n", "'epoch' was unexpected"), (head + "batch: many\n", "batch: "),
      (head + "batch: 0\n", "batch: 0 is less than the minimum"), (head + "batch: 1.5\n", "batch: "),
      (head + "seed: '1'\n", "seed: "), (head + "clip-norm: 0\n", "clip-norm: "),
      (head + "shared-memory: yes\n", "shared-memory: "), (head + "transport: memry\n", "transport: "),
      (head + "gradient-transforms: [clip-by-global-norm]\n", "gradient-transforms.0: "),
      (head + "gradient-transforms: {clip-by-global-norm: 1}\n", "gradient-transforms: "),
      (head + "observers: [epochs]\n", "observers.0: "),
      (head + "standardise: features\n", "standardise: "), (head + "optimizer: adamm\n", "optimizer: "),
      (head + "optimizer: {adam: {learning-rate: 0}}\n", "optimizer: "),
      (head + "optimizer: {adam: {}, sgd: {}}\n", "optimizer: "), (head + "epochs: null\n", "epochs: "),
      (head + "ema: {decay: 1}\n", "ema: "), ("model: [relu]\n", "'data' is a required property"),
      ("data: two-class\n", "'model' is a required property"), ("data: noise\nmodel: [relu]\n", "data: "),
      ("data: two-class\nmodel: []\n", "model: "), ("data: two-class\nmodel: relu\n", "model: "),
      ("data: two-class\nmodel: [dense]\n", "model.0: "), ("data: two-class\nmodel: [{relu: 5}]\n", "model.0: "),
      ("data: two-class\nmodel: [{dense: {units: 2, unit: 3}}]\n", "model.0: "),
      ("data: two-class\nmodel: [{residual: {body: [{dense: {unitz: 2}}]}}]\n", "model.0: "),
      ("data: two-class\nmodel: [{parallel: [[relu]]}]\n", "model.0: "),
      ("data: two-class\nmodel: [{batch-norm: 0.1}]\n", "model.0: "),
      ("data: two-class\nmodel: [{embedding: 5}]\n", "model.0: "),
      ("data: two-class\nmodel: [{max-pool: [2, 2, 2]}]\n", "model.0: "),
      ("data: {csv: {train: ''}}\nmodel: [relu]\n", "data: "), (table + "rows: {filters: a > 1}}}\n", "data: "),
      (table + "rows: {ranges: {a: [0, 1, 2]}}}}\n", "data: "), (table + "rows: {ranges: {a: [b, 1]}}}}\n", "data: "),
      (table + "defaults: {numbers: {}}}}\n", "data: "), (table + "defaults: {number: {scales: none}}}}\n", "data: "),
      (table + "resample: yes}}\n", "data: "),
    ]
    for (text, _) in broken {
      #expect(failure { _ = try configuration(text) } != nil, "the readers take it: \(text)")
    }
    guard let found = try verdicts(broken.map(\.text)) else { return }
    #expect(found.count == broken.count)
    for (verdict, (text, key)) in zip(found, broken) {
      #expect(verdict.hasPrefix("invalid ") && verdict.contains(key), "\(verdict)\n\(text)")
    }
  }

  private subscript(_ path: String...) -> JSON? {
    path.reduce(schema as JSON?) { value, key in
      if case .object(let object)? = value { object[key] } else { nil }
    }
  }

  /// The settings of a kind that are a mapping.
  private func keys(_ role: String, _ kind: String) -> [String: JSON] {
    var forms = [self["definitions", role]]
    if case .array(let others)? = self["definitions", role, "anyOf"] { forms += others }
    for case .object(let form)? in forms {
      guard case .object(let kinds)? = form["properties"], case .object(let settings)? = kinds[kind] else { continue }
      var own = [JSON.object(settings)]
      if case .array(let others)? = settings["anyOf"] { own += others }
      for case .object(let mapping) in own {
        if case .object(let keys)? = mapping["properties"] { return keys }
      }
    }
    return [:]
  }

  /// Every key and kind that `lockstep kinds` names.
  @Test func nothingIsLeftOut() throws {
    func find(_ path: Substring, in keys: [String: JSON]) -> Bool {
      let parts = path.split(separator: ".", maxSplits: 1)
      guard case .object(let value)? = keys[String(parts[0])] else { return false }
      guard parts.count > 1 else { return true }
      var forms = [JSON.object(value)]
      if case .array(let others)? = value["anyOf"] { forms += others }
      return forms.contains { form in
        guard case .object(let form) = form, case .object(let below)? = form["properties"] else { return false }
        return find(parts[1], in: below)
      }
    }
    let kinds = try Kinds()
    guard case .object(let top)? = self["properties"] else { return #expect(Bool(false), "no properties") }
    var count = 0
    for setting in kinds.settings { #expect(find(setting.key[...], in: top), "\(setting.key)") }
    for role in kinds.roles {
      for kind in role.kinds {
        let keys = keys(role.role, kind.kind)
        count += 1
        for setting in kind.keys {
          #expect(find(setting.key[...], in: keys), "\(role.role).\(kind.kind).\(setting.key)")
        }
      }
    }
    #expect(count > 40)
    guard case .array(let writers)? = self["definitions", "writer", "anyOf"] else {
      return #expect(Bool(false), "no writers")
    }
    #expect(writers.count == writerKinds.names.count)
    #expect(
      self["definitions", "gradient-transforms", "properties", "clip-by-global-norm", "description"]
        == .string(ClipByGlobalNorm.summary))
    #expect(
      top["epochs"]
        == .object([
          "type": .string("integer"), "minimum": .string("1"), "maximum": .string("1000000"),
          "default": .string("10"), "description": .string("a whole number from 1 to 1000000"),
        ]))
  }
}
