import Diagnostics

/// Reads the pickles of PyTorch's files, and nothing else that a pickle can be: it makes lists, dictionaries and tuples of texts
/// and numbers, and notes tensors. It calls nothing: a pickle that names any other function or class is refused.
///
/// Values lie in tables and are told by their places there, so that neither depth nor cycles matter. What a byte of the file makes
/// takes a bounded amount of memory.
///
/// The opcodes are those of Python's `pickletools`, protocols 2 to 5.
struct Unpickler {
  /// A value; containers are places in tables.
  enum Value {
    case none
    case bool(Bool)
    case int(Int)
    case text(String)
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    /// A function or class by its full name, one of `known`.
    case global(String)
    case storage(Int)
    case tensor(Int)
    /// A number or a thing that no tensor needs.
    case other
  }

  /// A block of numbers that tensors are views of.
  struct Storage {
    let key: String
    let type: ElementType
    let count: Int
  }

  /// A view of a storage, with strides and offset in elements.
  struct Tensor {
    let storage: Int
    let offset: Int
    let sizes: [Int]
    let strides: [Int]
  }

  /// What is wrong, and at which byte.
  struct Fault: Error {
    let message: String
    let offset: Int
  }

  let bytes: [UInt8]
  /// The next byte; behind a pickle, where the next one may begin.
  var position: Int
  private(set) var tuples: [[Value]] = []
  private(set) var lists: [[Value]] = []
  private(set) var dictionaries: [[(key: Value, value: Value)]] = []
  private(set) var storages: [Storage] = []
  private(set) var tensors: [Tensor] = []
  private var stack: [Value] = []
  private var marks: [Int] = []
  private var memo: [Int: Value] = [:]

  init(_ bytes: [UInt8], from position: Int = 0) { (self.bytes, self.position) = (bytes, position) }

  /// Reads one pickle, to its end.
  mutating func load() throws -> Value {
    (stack, marks, memo) = ([], [], [:])
    while true {
      let opcode = try byte()
      if opcode == UInt8(ascii: ".") { return try pop() }
      try run(opcode)
    }
  }

  func fault(_ message: String) -> Fault { Fault(message: message, offset: position) }

  private mutating func run(_ opcode: UInt8) throws {
    switch opcode {
    case 0x80: _ = try byte()  // PROTO
    case 0x95: _ = try take(8)  // FRAME
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "2"): stack.append(try top())
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88, 0x89: stack.append(.bool(opcode == 0x88))
    case UInt8(ascii: "K"): stack.append(.int(Int(try byte())))
    case UInt8(ascii: "M"): stack.append(.int(try number(2)))
    case UInt8(ascii: "J"): stack.append(.int(Int(Int32(truncatingIfNeeded: try number(4)))))
    case 0x8a: stack.append(try long(Int(try byte())))
    case UInt8(ascii: "G"):
      _ = try take(8)
      stack.append(.other)
    case UInt8(ascii: "X"), UInt8(ascii: "T"): stack.append(try text(try number(4)))
    case 0x8c, UInt8(ascii: "U"): stack.append(try text(Int(try byte())))
    case 0x8d: stack.append(try text(try number(8)))
    case UInt8(ascii: "q"): memo[Int(try byte())] = try top()
    case UInt8(ascii: "r"): memo[try number(4)] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): stack.append(try remembered(Int(try byte())))
    case UInt8(ascii: "j"): stack.append(try remembered(try number(4)))
    case UInt8(ascii: ")"): stack.append(tuple([]))
    case 0x85, 0x86, 0x87: stack.append(tuple(try pop(count: Int(opcode) - 0x84)))
    case UInt8(ascii: "t"): stack.append(tuple(try popToMark()))
    case UInt8(ascii: "]"): stack.append(list([]))
    case UInt8(ascii: "l"): stack.append(list(try popToMark()))
    case UInt8(ascii: "}"): stack.append(dictionary([]))
    case UInt8(ascii: "d"): stack.append(dictionary(try popToMark()))
    case UInt8(ascii: "a"): try append([try pop()])
    case UInt8(ascii: "e"): try append(try popToMark())
    case UInt8(ascii: "s"): try set(try pop(count: 2))
    case UInt8(ascii: "u"): try set(try popToMark())
    case UInt8(ascii: "c"): stack.append(try global(try line(), try line()))
    case 0x93:
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else { throw fault("expected a name") }
      stack.append(try global(module, name))
    case UInt8(ascii: "Q"): stack.append(try persistent(try pop()))
    case UInt8(ascii: "R"):
      let arguments = try pop()
      stack.append(try call(try pop(), arguments))
    case UInt8(ascii: "b"): try build()
    default:
      throw fault("a pickle that does more than hold tensors: opcode 0x\(String(opcode, radix: 16))")
    }
  }

  // MARK: Bytes

  private mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw fault("the pickle ends too early") }
    position += 1
    return bytes[position - 1]
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - position else { throw fault("the pickle ends too early") }
    position += count
    return bytes[position - count..<position]
  }

  /// A little-endian number of at most 8 bytes, without a sign but for that of 8.
  private mutating func number(_ count: Int) throws -> Int {
    Int(truncatingIfNeeded: try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  /// A signed number; one of more than 8 bytes is none that a tensor needs.
  private mutating func long(_ count: Int) throws -> Value {
    guard count <= 8 else {
      _ = try take(count)
      return .other
    }
    guard count > 0 else { return .int(0) }
    let shift = 64 - 8 * count
    return .int((try number(count) << shift) >> shift)
  }

  private mutating func text(_ count: Int) throws -> Value {
    guard let text = String(validating: try take(count), as: UTF8.self) else { throw fault("expected text in UTF-8") }
    return .text(text)
  }

  private mutating func line() throws -> String {
    guard let end = bytes[position...].prefix(1 << 12).firstIndex(of: UInt8(ascii: "\n")),
      case .text(let text) = try text(end - position)
    else { throw fault("expected a name") }
    position += 1
    return text
  }

  // MARK: The stack

  private func top() throws -> Value {
    guard let last = stack.last, stack.count > marks.last ?? 0 else { throw fault("expected a value") }
    return last
  }

  private mutating func pop() throws -> Value {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(count: Int) throws -> [Value] {
    guard stack.count - (marks.last ?? 0) >= count else { throw fault("expected \(count) values") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws -> [Value] {
    guard let mark = marks.popLast() else { throw fault("expected a mark") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private func remembered(_ key: Int) throws -> Value {
    guard let value = memo[key] else { throw fault("expected a value that was remembered") }
    return value
  }

  // MARK: Containers

  private mutating func tuple(_ values: [Value]) -> Value {
    tuples.append(values)
    return .tuple(tuples.count - 1)
  }

  private mutating func list(_ values: [Value]) -> Value {
    lists.append(values)
    return .list(lists.count - 1)
  }

  private mutating func dictionary(_ values: [Value]) -> Value {
    dictionaries.append([])
    for pair in stride(from: 0, to: values.count - 1, by: 2) {
      dictionaries[dictionaries.count - 1].append((values[pair], values[pair + 1]))
    }
    return .dictionary(dictionaries.count - 1)
  }

  private mutating func append(_ values: [Value]) throws {
    guard case .list(let place) = try top() else { throw fault("expected a list") }
    lists[place] += values
  }

  private mutating func set(_ values: [Value]) throws {
    guard case .dictionary(let place) = try top(), values.count % 2 == 0 else { throw fault("expected a dictionary") }
    for pair in stride(from: 0, to: values.count, by: 2) {
      dictionaries[place].append((values[pair], values[pair + 1]))
    }
  }

  /// The state of an object: that of dictionaries and tensors says nothing of numbers.
  private mutating func build() throws {
    _ = try pop()
    switch try top() {
    case .dictionary, .tensor: break
    default: throw fault("a pickle that does more than hold tensors: it builds an object")
    }
  }

  // MARK: What tensors are made of

  mutating func note(_ storage: Storage) -> Value {
    storages.append(storage)
    return .storage(storages.count - 1)
  }

  mutating func note(_ tensor: Tensor) -> Value {
    tensors.append(tensor)
    return .tensor(tensors.count - 1)
  }

  mutating func emptyDictionary() -> Value { dictionary([]) }

  mutating func dictionary(pairs: [(key: Value, value: Value)]) -> Value {
    dictionaries.append(pairs)
    return .dictionary(dictionaries.count - 1)
  }
}
