import Configuration
import Foundation

/// A JSON Schema (draft 7) of the configuration, as its readers themselves tell: editors complete and check with it.
///
/// ```yaml
/// # yaml-language-server: $schema=lockstep.schema.json
/// data: two-class
/// ```
/// What it refuses, the readers refuse. Rules that tie several values together are for the readers alone.
public struct ConfigurationSchema {
  private var roles: [(name: String, kinds: [String])] = []
  private var definitions: [String: JSON] = [:]

  /// The schema as pretty-printed JSON with a line break at its end.
  public static func json() throws -> String {
    let reader = ConfigReader.describing()
    _ = try RunConfiguration(reader, name: "")
    let choices = try reader.description.choices()
    var schema = ConfigurationSchema()
    schema.roles = choices.map { ($0.role, $0.choice.kinds) }
    for (role, choice) in choices { schema.definitions[role] = try schema.kinds(of: choice) }
    // No key refers to it: the ending of a file's name chooses.
    schema.definitions[Kinds.writers.role] = schema.words(of: Kinds.writers)
    guard case .object(var root) = try schema.mapping(reader.shape) else { preconditionFailure("expected an object") }
    root["$schema"] = .string("http://json-schema.org/draft-07/schema#")
    root["title"] = .string("A configuration of Lockstep \(lockstepVersion)")
    root["definitions"] = .object(schema.definitions)
    return try Kinds.json(JSON.object(root))
  }

  /// One of several kinds: its name alone, or a mapping of one key.
  private func kinds(of choice: ConfigDescription.Choice) throws -> JSON {
    var properties: [String: JSON] = [:]
    for kind in choice.kinds {
      let keys = try choice.shape(of: kind)
      var forms = [try mapping(keys)]
      if let bare = try choice.bareValue(of: kind) { forms.append(try schema(of: bare)) }
      if try choice.mayStandAlone(kind) { forms.append(Self.null) }
      guard case .object(var property) = Self.any(forms) else { preconditionFailure("\(kind): expected an object") }
      property["description"] = choice.summary(of: kind).map(JSON.string)
      properties[kind] = .object(property)
    }
    let single = JSON.object([
      "type": .string("object"), "properties": .object(properties), "additionalProperties": .bool(false),
      "minProperties": .int(1), "maxProperties": .int(1),
    ])
    let alone = try choice.kinds.filter(choice.mayStandAlone)
    return Self.any((alone.isEmpty ? [] : [Self.words(alone)]) + [single])
  }

  /// The words for kinds that have no settings, each with what it is.
  private func words(of role: Kinds.Role) -> JSON {
    Self.any(
      role.kinds.map { kind in
        var form = ["const": JSON.string(kind.kind)]
        form["description"] = kind.summary.map(JSON.string)
        return .object(form)
      })
  }

  private func mapping(_ keys: [ConfigShape.Key]) throws -> JSON {
    var properties: [String: JSON] = [:]
    for key in keys {
      var property: [String: JSON] = [:]
      switch try schema(of: key.shape) {
      // Next to a reference nothing counts.
      case .object(let schema) where schema["$ref"] != nil: property["allOf"] = .array([.object(schema)])
      case .object(let schema): property = schema
      default: preconditionFailure("\(key.name): expected an object")
      }
      if !key.expected.isEmpty { property["description"] = .string(key.expected) }
      if let fallback = key.fallback, let value = JSON(yaml: fallback) { property["default"] = value }
      properties[key.name] = .object(property)
    }
    var schema: [String: JSON] = [
      "type": .string("object"), "properties": .object(properties), "additionalProperties": .bool(false),
    ]
    let required = keys.filter(\.isRequired).map(\.name)
    if !required.isEmpty { schema["required"] = .array(required.map(JSON.string)) }
    return .object(schema)
  }

  private func schema(of shape: ConfigShape) throws -> JSON {
    switch shape {
    case .text: return .object(["type": Self.scalars])
    case .path: return .object(["type": Self.scalars, "minLength": .int(1)])
    case .truth: return .object(["type": .string("boolean")])
    case .words(let words): return Self.words(words)
    case .whole(let limits): return .object(Self.bounds(limits, JSON.int, type: "integer"))
    case .number(let limits): return .object(Self.bounds(limits, JSON.number, type: "number"))
    case .list(let element, let count):
      var schema: [String: JSON] = ["type": .string("array"), "items": try self.schema(of: element)]
      schema["minItems"] = count.least.map(JSON.int)
      schema["maxItems"] = count.most.map { .int(count.includesMost ? $0 : $0 - 1) }
      return .object(schema)
    case .mapping(let keys): return try mapping(keys)
    case .named(let shape):
      return .object(["type": .string("object"), "additionalProperties": try schema(of: shape)])
    case .choice(let choice):
      guard let role = roles.first(where: { $0.kinds == choice.kinds })?.name else {
        preconditionFailure("expected the kinds of a role, found \(choice.kinds)")
      }
      return .object(["$ref": .string("#/definitions/\(role)")])
    case .optional(let shape): return Self.any([try schema(of: shape), Self.null])
    case .either(let shapes):
      // What is wrong in a list is told of its elements, not of the whole.
      if shapes.count == 2, case .list = shapes[0], case .choice = shapes[1] {
        return .object([
          "if": .object(["type": .string("array")]), "then": try schema(of: shapes[0]),
          "else": try schema(of: shapes[1]),
        ])
      }
      return Self.any(try shapes.map(schema))
    }
  }

  private static func bounds<Bound>(
    _ limits: Limits<Bound>, _ json: (Bound) -> JSON, type: String
  ) -> [String: JSON] {
    var schema = ["type": JSON.string(type)]
    schema[limits.includesLeast ? "minimum" : "exclusiveMinimum"] = limits.least.map(json)
    schema[limits.includesMost ? "maximum" : "exclusiveMaximum"] = limits.most.map(json)
    return schema
  }

  private static func any(_ forms: [JSON]) -> JSON { forms.count == 1 ? forms[0] : .object(["anyOf": .array(forms)]) }

  private static func words(_ words: [String]) -> JSON { .object(["enum": .array(words.map(JSON.string))]) }

  private static let null = JSON.object(["type": .string("null")])

  /// A plain number or word is text as well.
  private static let scalars = JSON.array([.string("string"), .string("number"), .string("boolean")])
}

/// A value of JSON.
enum JSON: Encodable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// A default as `ConfigDescription` prints it; nil where it is neither a scalar nor an empty list.
  init?(yaml: String) {
    switch yaml {
    case "null": self = .null
    case "true": self = .bool(true)
    case "false": self = .bool(false)
    case "[]": self = .array([])
    default:
      if let whole = Int(yaml) {
        self = .int(whole)
      } else if let number = Double(yaml) {
        self = .number(number)
      } else if yaml.allSatisfy({ $0.isLetter || $0.isNumber || "-_./".contains($0) }) {
        self = .string(yaml)
      } else {
        return nil
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }
}
