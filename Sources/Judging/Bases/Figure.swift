/// What a metric comes to: a number, or the reason why there is none, never a number that only looks like one.
public enum Figure: Equatable, Sendable {
  case value(Double)
  case undefined(String)

  /// A number, and where there is none, the reason.
  package init(_ value: Double?, otherwise reason: @autoclosure () -> String) {
    self = value.map { .value($0) } ?? .undefined(reason())
  }

  /// Nil where it is not defined.
  public var value: Double? { if case .value(let value) = self { value } else { nil } }
}

extension Figure: Codable {
  private enum Key: String, CodingKey { case undefined }

  public init(from decoder: any Decoder) throws {
    if let value = try? decoder.singleValueContainer().decode(Double.self) {
      self = .value(value)
    } else {
      self = .undefined(try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .undefined))
    }
  }

  /// A number, or `{"undefined": "…"}`.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .value(let value):
      var container = encoder.singleValueContainer()
      try container.encode(value)
    case .undefined(let reason):
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(reason, forKey: .undefined)
    }
  }
}

/// Why something cannot be said of rows.
public struct Undefined: Error, Equatable {
  public let reason: String
  public init(_ reason: String) { self.reason = reason }
}
