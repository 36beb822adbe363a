import CZlibSystem
import Diagnostics
import Files
import Tensors

/// The tensors of a file that `torch.save` wrote, of whatever version: read without Python, and without running anything in it.
///
/// ```
/// since 1.6   a ZIP archive: NAME/data.pkl, a pickle, and NAME/data/0, NAME/data/1, …, the storages, stored as they are
/// before      pickles one behind the other: a magic number, a version, the host, the value, the storages' keys; then for each
///             of them how many numbers it has, 8 bytes, and these
/// ```
///
/// A state dictionary gives its tensors under their names; in a training's checkpoint that of `state_dict`, `model_state_dict` or
/// `model` is taken, or else whatever tensors there are, with the keys on the way joined by dots.
package final class PyTorchFile: WeightsFile {
  package let path: String
  package let format = "PyTorch"
  package let tensors: [StoredTensor]
  private let file: RegularFile
  /// By the tensor's place.
  private let views: [Unpickler.Tensor]
  /// By the storage's place: where its numbers begin in the file.
  private let starts: [Int]

  /// Bytes of pickles that are read.
  private static let mostPickleBytes = 16 << 20
  /// Bytes of a tensor's name, with those of what it lies in.
  private static let mostNameBytes = 4096

  /// Throws bad data (65) where the file is damaged, or does more than hold tensors.
  package init(_ path: String) throws {
    file = try RegularFile(path, cure: "check the path and its permissions")
    self.path = path
    let head = try file.bytes(0..<min(4, file.size))
    do {
      let content = head == [0x50, 0x4b, 3, 4] ? try Self.zipped(file) : try Self.legacy(file)
      let found = try Self.named(content.value, in: content.pickle)
      (views, starts) = (found.map { content.pickle.tensors[$0.tensor] }, content.starts)
      tensors = found.enumerated().map { place, found in
        let tensor = content.pickle.tensors[found.tensor]
        return StoredTensor(
          name: found.name, shape: Shape(tensor.sizes), type: content.pickle.storages[tensor.storage].type, place: place
        )
      }
    } catch let fault as Unpickler.Fault {
      throw Failure(
        .badData, at: path, "byte \(fault.offset): \(fault.message.shown())",
        cure: "save tensors alone, torch.save(model.state_dict(), FILE), or convert it by scripts/convert-pth")
    }
  }

  package func numbers(of tensor: StoredTensor) throws -> [UInt8] {
    let (view, size) = (views[tensor.place], tensor.type.size)
    guard tensor.shape.count > 0 else { return [] }
    let start = starts[view.storage]
    var (dense, step) = ([Int](), 1)
    for extent in view.sizes.reversed() {
      dense.insert(step, at: 0)
      step *= max(extent, 1)
    }
    let count = tensor.shape.count
    // An axis of one element has any stride.
    let isDense = zip(zip(view.strides, dense), view.sizes).allSatisfy { $0.0 == $0.1 || $1 == 1 }
    if isDense {
      let first = start + view.offset * size
      return try file.bytes(first..<first + count * size)
    }
    let last = zip(view.sizes, view.strides).reduce(view.offset) { $0 + ($1.0 - 1) * $1.1 }
    let all = try file.bytes(start..<start + (last + 1) * size)
    var (found, index) = ([UInt8](), [Int](repeating: 0, count: view.sizes.count))
    found.reserveCapacity(count * size)
    for _ in 0..<count {
      let place = zip(index, view.strides).reduce(view.offset) { $0 + $1.0 * $1.1 } * size
      found += all[place..<place + size]
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < view.sizes[axis] { break }
        index[axis] = 0
      }
    }
    return found
  }

  // MARK: The two forms

  private typealias Content = (value: Unpickler.Value, pickle: Unpickler, starts: [Int])

  private static func damaged(_ file: RegularFile, _ what: String) -> Failure {
    Failure(.badData, at: file.path, what, cure: "copy or save the file again")
  }

  private static func zipped(_ file: RegularFile) throws -> Content {
    let archive = try ZipArchive(file, cure: "save it by torch.save")
    let members = Dictionary(uniqueKeysWithValues: archive.members.map { ($0.name, $0) })
    guard let data = archive.members.first(where: { $0.name.hasSuffix("/data.pkl") || $0.name == "data.pkl" }) else {
      throw damaged(file, "expected an archive of torch.save, found none of its members, data.pkl")
    }
    func range(_ member: ZipArchive.Member) throws -> Range<Int> {
      guard member.method == 0 else {
        throw damaged(file, "member \(member.name.shown()): expected it stored as it is, found it packed")
      }
      let start = try archive.start(of: member)
      return start..<start + member.size
    }
    /// Refuses a member whose bytes are not those that were written.
    func check(_ member: ZipArchive.Member, _ range: Range<Int>) throws {
      var (sum, place) = (crc32(0, nil, 0), range.lowerBound)
      while place < range.upperBound {
        let bytes = try file.bytes(place..<min(place + 1 << 20, range.upperBound))
        sum = crc32(sum, bytes, uInt(bytes.count))
        place += bytes.count
      }
      // Who has PyTorch leave checksums out gets zeros.
      guard member.checksum == 0 || sum == uLong(member.checksum) else {
        throw damaged(file, "member \(member.name.shown()): expected bytes of the checksum that it has, found others")
      }
    }
    let folder = data.name.dropLast("data.pkl".count)
    if let order = members["\(folder)byteorder"] {
      let found = String(decoding: try file.bytes(try range(order)), as: UTF8.self)
      guard found == "little" else { throw damaged(file, "expected little-endian numbers, found \(found.shown())") }
    }
    guard data.size <= mostPickleBytes else {
      throw damaged(file, "expected a pickle of at most \(mostPickleBytes) bytes, found \(data.size)")
    }
    var pickle = Unpickler(try file.bytes(try range(data)))
    let value = try pickle.load()
    let starts = try pickle.storages.map { storage in
      guard let member = members["\(folder)data/\(storage.key)"] else {
        throw damaged(file, "expected the numbers of storage \(storage.key.shown()), found none")
      }
      let (found, wanted) = (try range(member), storage.count.multipliedReportingOverflow(by: storage.type.size))
      guard !wanted.overflow, wanted.partialValue <= found.count else {
        throw damaged(
          file,
          "storage \(storage.key.shown()): expected \(storage.count) numbers of \(storage.type), found "
            + "\(found.count) bytes")
      }
      try check(member, found)
      return found.lowerBound
    }
    return (value, pickle, starts)
  }

  /// What `torch.save` wrote before version 1.6, and still does without its archive.
  private static func legacy(_ file: RegularFile) throws -> Content {
    let magic: [UInt8] = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
    let bytes = try file.bytes(0..<min(file.size, mostPickleBytes))
    guard bytes.starts(with: magic) else {
      throw damaged(file, "expected a file of torch.save, found another one")
    }
    // The version and the host: numbers are little-endian on all that could have written it.
    var pickle = Unpickler(bytes, from: magic.count)
    _ = try pickle.load()
    _ = try pickle.load()
    let value = try pickle.load()
    guard case .list(let place) = try pickle.load() else { throw pickle.fault("expected the keys of storages") }
    var (begins, next) = ([String: Int](), pickle.position)
    let counts = Dictionary(pickle.storages.map { ($0.key, $0) }) { first, _ in first }
    for key in pickle.lists[place] {
      guard case .text(let key) = key, let storage = counts[key] else { throw pickle.fault("expected a storage's key") }
      guard next <= file.size - 8 else { throw damaged(file, "expected more storages, found the file's end") }
      let count = LittleEndian(try file.bytes(next..<next + 8)).uint64(0)
      let (size, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.size)
      guard count == UInt64(storage.count), !overflow, size <= file.size - next - 8 else {
        throw damaged(
          file,
          "storage \(key.shown()): expected \(storage.count) numbers of \(storage.type), found \(count) in "
            + "\(file.size - next - 8) bytes")
      }
      begins[key] = next + 8
      next += 8 + size
    }
    let starts = try pickle.storages.map { storage in
      guard let start = begins[storage.key], counts[storage.key]?.count == storage.count,
        counts[storage.key]?.type == storage.type
      else { throw damaged(file, "expected the numbers of storage \(storage.key.shown()), found none") }
      return start
    }
    return (value, pickle, starts)
  }

  // MARK: Names

  /// Keys under which trainings keep a model's state.
  private static let stateKeys = ["state_dict", "model_state_dict", "model"]

  private static func named(
    _ value: Unpickler.Value, in pickle: Unpickler
  ) throws -> [(name: String, tensor: Int)] {
    guard case .dictionary(let top) = value else {
      throw pickle.fault("expected a state dictionary, names with tensors")
    }
    var (found, names, visits) = ([(name: String, tensor: Int)](), Set<String>(), 0)
    func visit(_ place: Int, _ prefix: String, _ depth: Int) throws {
      for (key, value) in pickle.dictionaries[place] {
        visits += 1
        guard visits < 1 << 20 else { throw pickle.fault("more than a million values") }
        let name: String
        switch key {
        case .text(let text):
          guard prefix.utf8.count + text.utf8.count <= mostNameBytes else {
            throw pickle.fault("a name of more than \(mostNameBytes) bytes")
          }
          name = prefix + text
        case .int(let number): name = prefix + String(number)
        default: continue
        }
        switch value {
        case .tensor(let tensor):
          guard names.insert(name).inserted else { throw pickle.fault("two tensors are named \(name)") }
          found.append((name, tensor))
        case .dictionary(let below) where depth < 8: try visit(below, name + ".", depth + 1)
        default: break
        }
      }
    }
    for wanted in stateKeys {
      for case (.text(wanted), .dictionary(let place)) in pickle.dictionaries[top] {
        try visit(place, "", 0)
        if !found.isEmpty { return found }
      }
    }
    try visit(top, "", 0)
    guard !found.isEmpty else { throw pickle.fault("expected tensors, found none") }
    return found
  }
}
