/// The names that a pickle of PyTorch may have, and what becomes of them.
extension Unpickler {
  /// Classes of typed storages, by name.
  private static let storageTypes: [String: ElementType] = [
    "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
    "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
    "BoolStorage": .bool,
  ]

  /// What may be called: it makes a value of its arguments, and has no other effect.
  private static let known: Set<String> = [
    "collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_parameter", "torch.Size", "torch.device",
  ]

  func global(_ module: String, _ name: String) throws -> Value {
    let full = "\(module).\(name)"
    guard Self.known.contains(full) || module == "torch" && Self.storageTypes[name] != nil else {
      throw fault("a pickle that does more than hold tensors: it names \(full.prefix(80))")
    }
    return .global(full)
  }

  /// `('storage', class, key, device, number of elements, …)`
  mutating func persistent(_ value: Value) throws -> Value {
    guard case .tuple(let place) = value, tuples[place].count >= 5, case .text("storage") = tuples[place][0],
      case .global(let type) = tuples[place][1], case .text(let key) = tuples[place][2],
      case .int(let count) = tuples[place][4], count >= 0, type.hasPrefix("torch."),
      let type = Self.storageTypes[String(type.dropFirst("torch.".count))]
    else { throw fault("expected a storage of numbers") }
    if tuples[place].count > 5, case .tuple = tuples[place][5] {
      throw fault("a view of a storage, as PyTorch 0.1 had")
    }
    return note(Storage(key: key, type: type, count: count))
  }

  mutating func call(_ function: Value, _ arguments: Value) throws -> Value {
    guard case .global(let name) = function, case .tuple(let place) = arguments else {
      throw fault("a pickle that does more than hold tensors: it calls what it made")
    }
    let values = tuples[place]
    switch name {
    case "collections.OrderedDict": return try orderedDictionary(values)
    case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor": return try tensor(values)
    case "torch._utils._rebuild_parameter":
      guard case .tensor? = values.first else { throw fault("expected a parameter's tensor") }
      return values[0]
    case "torch.Size": return values.first ?? .other
    case "torch.device": return .other
    default: throw fault("a pickle that does more than hold tensors: it calls \(name)")
    }
  }

  /// `OrderedDict()`, or of old versions `OrderedDict([[key, value], …])`.
  private mutating func orderedDictionary(_ arguments: [Value]) throws -> Value {
    guard let first = arguments.first else { return emptyDictionary() }
    guard case .list(let place) = first else { throw fault("expected a list of pairs") }
    var pairs: [(key: Value, value: Value)] = []
    for pair in lists[place] {
      let values =
        switch pair {
        case .list(let place): lists[place]
        case .tuple(let place): tuples[place]
        default: [Value]()
        }
      guard values.count == 2 else { throw fault("expected a pair") }
      pairs.append((values[0], values[1]))
    }
    return dictionary(pairs: pairs)
  }

  /// `(storage, offset, sizes, strides, …)`; a view must lie inside its storage.
  private mutating func tensor(_ arguments: [Value]) throws -> Value {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .int(let offset) = arguments[1],
      let sizes = numbers(arguments[2]), let strides = numbers(arguments[3]), sizes.count == strides.count,
      sizes.count <= SafeTensors.maximumRank, offset >= 0, strides.allSatisfy({ $0 >= 0 })
    else { throw fault("expected a tensor: a storage, an offset, sizes and strides") }
    let room = storages[storage].count
    // An axis of stride 0 is one number, told many times.
    guard let count = elementCount(sizes),
      let stored = elementCount(zip(sizes, strides).map { $1 == 0 ? min($0, 1) : $0 }),
      stored <= room, count == stored || count < 1 << 28,
      offset <= room, count == 0 || end(offset, sizes, strides, room: room)
    else {
      throw fault("a tensor of sizes \(sizes) that does not fit its storage of \(room) numbers")
    }
    return note(Tensor(storage: storage, offset: offset, sizes: sizes, strides: strides))
  }

  /// Whether the last element lies in a storage of `room` numbers.
  private func end(_ offset: Int, _ sizes: [Int], _ strides: [Int], room: Int) -> Bool {
    var last = offset
    for (size, stride) in zip(sizes, strides) {
      let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      guard !overflow, step < room, last < room - step else { return false }
      last += step
    }
    return last < room
  }

  private func numbers(_ value: Value) -> [Int]? {
    let values: [Value]
    switch value {
    case .tuple(let place): values = tuples[place]
    case .list(let place): values = lists[place]
    default: return nil
    }
    let found = values.compactMap { if case .int(let number) = $0 { number } else { nil } }
    return found.count == values.count ? found : nil
  }
}
