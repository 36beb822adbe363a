import Checkpoints
import Datasets
import Diagnostics
import Foundation
import Goldens
import Lockstep
import Parquet
import Supervision
import Tables
import Tensors

/// A reader of files that come from somebody else, and whole files to begin with.
///
/// `read` is given the bytes of a damaged file: it returns where they make a value, and throws a `Failure` elsewhere.
struct Parser {
  let corpus: [[UInt8]]
  let read: ([UInt8], inout Randomness) throws -> Void

  static let names = [
    "safetensors", "record", "idx", "gzip", "csv", "table", "date", "jsonl", "parquet", "npy", "npz", "text",
    "vocabulary", "configuration", "override", "filter", "hostfile", "number", "pth", "onnx", "picture", "exif", "tar",
    "shards", "sentencepiece", "sound", "prepared-sounds",
  ]

  /// - Parameter folder: an empty directory for the files.
  init(_ name: String, folder: String) throws {
    let path = folder + "/input"
    switch name {
    case "safetensors":
      corpus = try Corpus.safetensors(in: folder)
      read = { bytes, _ in try Self.readTensors(bytes, path) }
    case "pth":
      corpus = try ["two-class", "two-class-legacy", "types", "types-legacy", "evil"].map {
        try contents(goldenPath("weights/\($0).pth"))
      }
      read = { bytes, _ in try Self.readWeights(bytes, path, as: .pytorch) }
    case "onnx":
      corpus = try ["gemm", "matmul"].map { try contents(goldenPath("weights/\($0).onnx")) }
      read = { bytes, _ in try Self.readWeights(bytes, path, as: .onnx) }
    case "record":
      let checkpoint = try Corpus.checkpoint(in: folder)
      corpus = [try contents(checkpoint + "/run.json")]
      read = { bytes, random in
        // Most have a right checksum, so that what lies behind it is read as well.
        try write(random.below(4) == 0 ? bytes : Corpus.resealed(bytes), to: checkpoint + "/run.json")
        _ = try Checkpoint.load(checkpoint)
      }
    case "idx":
      corpus = Corpus.idx
      read = { bytes, random in try Self.readImages(bytes, path, &random) }
    case "gzip":
      corpus = Corpus.idx + [Array(Corpus.csv[0])]
      let packed = try (Corpus.idx + Corpus.csv).map(Corpus.gzip)
      read = { bytes, random in
        // Either the packed bytes are damaged, or what they hold.
        let bytes = random.below(2) == 0 ? try Corpus.gzip(bytes) : Mutator(packed).input(&random)
        if random.below(2) == 0 {
          try Self.readImages(bytes, path, &random)
        } else {
          try Self.readTable(bytes, path, &random)
        }
      }
    case "csv":
      corpus = Corpus.csv
      read = { bytes, random in try Self.readTable(bytes, path, &random) }
    case "table":
      corpus = Corpus.csv
      read = { bytes, random in try Self.readRows(bytes, path, &random) }
    case "date":
      corpus = Corpus.dates
      read = { bytes, random in try Self.readDate(bytes, &random) }
    case "configuration":
      corpus = Recipes.all.sorted { $0.key < $1.key }.map { Array($0.value.utf8) } + Corpus.configurations
      read = { bytes, _ in
        try write(bytes, to: path + ".yaml")
        let configuration = try RunConfiguration(recipeOrFile: path + ".yaml")
        // What is printed reads back as the same.
        let again = try RunConfiguration(yaml: configuration.resolved, name: path)
        guard again.resolved == configuration.resolved else {
          throw Unexpected("a resolved configuration that reads back as another")
        }
      }
    case "text":
      corpus = Corpus.texts
      read = { bytes, random in try Self.readText(bytes, path, &random) }
    case "vocabulary":
      // The characters of a training, and a text that may have others.
      corpus = Corpus.texts
      read = { bytes, random in try Self.readTokens(bytes, of: random.pick(Corpus.texts)) }
    case "sentencepiece":
      corpus = try Corpus.vocabularies
      read = { bytes, random in
        let model = try SentencePieceModel(bytes)
        let tokens = try model.tokens(of: String(decoding: random.pick(Corpus.texts), as: UTF8.self))
        guard tokens.allSatisfy({ (0..<model.count).contains(Int($0)) }) else {
          throw Unexpected("tokens without names")
        }
        _ = model.text(of: tokens)
      }
    case "override":
      corpus = Corpus.overrides
      read = { bytes, random in
        _ = try RunConfiguration(
          recipeOrFile: random.pick(Recipes.names), overrides: [String(decoding: bytes, as: UTF8.self)])
      }
    case "filter":
      corpus = Corpus.filters
      read = { bytes, random in try Self.readFilter(String(decoding: bytes, as: UTF8.self), path, &random) }
    case "hostfile":
      corpus = Corpus.hostfiles
      read = { bytes, _ in
        let hostfile = try Hostfile(text: String(decoding: bytes, as: UTF8.self), path: path)
        guard try Hostfile(text: hostfile.text, path: path) == hostfile else {
          throw Unexpected("a hostfile that reads back as another")
        }
      }
    case "number":
      corpus = Corpus.numbers
      read = { bytes, _ in try Self.readNumber(bytes) }
    case "parquet":
      corpus = try Corpus.parquet(in: folder)
      read = { bytes, random in
        try write(bytes, to: path)
        try Self.readChunks(
          ParquetReader(path, columns: random.pick([nil, ["word"], ["double", "required"]])), &random)
      }
    case "jsonl":
      corpus = Corpus.lines
      read = { bytes, random in
        try write(bytes, to: path)
        try Self.readChunks(JSONLinesReader(path, probed: random.pick([1, 1000])), &random)
      }
    case "npy":
      corpus = try ["c-order", "fortran-order", "texts", "version-2"].map {
        try contents(goldenPath("tables/\($0).npy"))
      }
      read = { bytes, random in
        try write(bytes, to: path)
        // Its rows as vectors are called as the file.
        try Self.readChunks(NumpyReader(npy: path, columns: random.pick([nil, ["input"], ["input", "1"]])), &random)
      }
    case "npz":
      corpus = try ["little", "packed", "small", "zip64"].map { try contents(goldenPath("tables/\($0).npz")) }
      read = { bytes, random in
        try write(bytes, to: path)
        try Self.readChunks(
          NumpyReader(npz: path, columns: random.pick([nil, ["many", "fortran", "many_1"]])), &random)
      }
    case "picture":
      corpus = try Self.pictureFiles.map { try contents(goldenPath("pictures/\($0)")) }
      read = { bytes, random in try Self.readPicture(bytes, &random) }
    case "exif":
      corpus = Self.exifs
      read = { bytes, _ in try Self.readExif(bytes) }
    case "tar":
      corpus = Self.archives
      read = { bytes, _ in try Self.readArchive(bytes) }
    case "shards":
      let (directory, settings) = try Self.preparedPictures(in: folder)
      let files = try Self.preparedFiles.map { ($0, try contents("\(directory)/\($0)")) }
      corpus = files.map(\.1)
      read = { bytes, random in
        let (name, whole) = random.pick(files)
        // The damaged file is one of the corpus, perhaps in the place of another.
        try Self.readPrepared(bytes, as: name, in: directory, settings, whole)
      }
    case "sound":
      corpus = try Self.soundFiles.map { try contents(goldenPath("sounds/\($0)")) }
      read = { bytes, random in try Self.readSound(bytes, &random) }
    case "prepared-sounds":
      let (directory, settings) = try Self.preparedSounds(in: folder)
      let files = try Self.preparedSoundFiles.map { ($0, try contents("\(directory)/\($0)")) }
      corpus = files.map(\.1)
      read = { bytes, random in
        let (name, whole) = random.pick(files)
        try Self.readPreparedSounds(bytes, as: name, in: directory, settings, whole)
      }
    default: throw Unexpected("a parser named \(name)")
    }
  }

  private static func readTensors(_ bytes: [UInt8], _ path: String) throws {
    try write(bytes, to: path)
    let file = try SafeTensorsFile(path)
    let floats = file.entries.filter { $0.elementType == "F32" }
    guard floats.count == file.entries.count else { return }
    let buffers = floats.map { FlatBuffer(count: $0.shape.count) }
    try file.read(into: zip(floats, buffers).map { NamedTensor($0.name, $0.shape, $1.view) })
  }

  /// All tensors are read, those that are no floats as they lie there.
  private static func readWeights(_ bytes: [UInt8], _ path: String, as origin: StartSettings.Origin) throws {
    try write(bytes, to: path)
    let file = try WeightsFiles.open(path, as: origin)
    for tensor in file.tensors {
      guard try file.numbers(of: tensor).count == tensor.byteCount else {
        throw Unexpected("\(tensor.name): numbers of \(tensor.byteCount) bytes that have others")
      }
      if tensor.type.isFloat { try file.read(tensor, into: FlatBuffer(count: tensor.shape.count).view) }
    }
  }

  private static func readImages(_ bytes: [UInt8], _ path: String, _ random: inout Randomness) throws {
    try write(bytes, to: path)
    let dataset =
      switch random.below(8) {
      case 0: try Dataset.idx(images: path, targets: path)
      case 1, 2: try Dataset.idx(images: path, labels: path)
      default: try Dataset.idx(images: path)
      }
    guard dataset.count > 0 else { throw Unexpected("a data set without samples") }
  }

  private static func readTable(_ bytes: [UInt8], _ path: String, _ random: inout Randomness) throws {
    try write(bytes, to: path)
    let target = random.pick([Dataset.TableTarget.none, .classes(), .classes(column: "species"), .values()])
    let (header, wide) = (random.pick([nil, true, false]), random.pick([nil, Set([0, 3])]))
    let dataset = try Dataset.csv(path, target: target, header: header, wide: wide)
    guard dataset.count > 0, case .floats(let values) = dataset.features, values.allSatisfy(\.isFinite),
      dataset.wide.values.allSatisfy({ $0.value.allSatisfy(\.isFinite) })
    else {
      throw Unexpected("a table without samples, or numbers that are not finite")
    }
  }

  private static func readText(_ bytes: [UInt8], _ path: String, _ random: inout Randomness) throws {
    try write(bytes, to: path)
    let settings = TextSettings(
      unit: random.pick([.characters, .bytes]), length: random.pick([1, 4, 64]), stride: random.pick([nil, 1, 7]),
      vocabulary: random.pick([nil, 8, 300]), testShare: random.pick([0, 0.1, 0.9]))
    let dataset = try Dataset.text(path, settings, part: random.pick([.all, .train, .test]))
    guard case .windows(let windows) = dataset.features, case .following(let names) = dataset.targets,
      dataset.count > 0, windows.tokens.allSatisfy({ names.indices.contains(Int($0)) })
    else { throw Unexpected("a text without windows, or tokens without names") }
  }

  /// Tokens come back as the text that they were made of.
  private static func readTokens(_ bytes: [UInt8], of training: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    let vocabulary = try Vocabulary(of: String(decoding: training, as: UTF8.self), unit: .characters)
    guard try vocabulary.text(of: vocabulary.tokens(of: text)).utf8.elementsEqual(text.utf8) else {
      throw Unexpected("tokens that stand for another text")
    }
  }

  /// The number is that of the C library, to the bit.
  private static func readNumber(_ bytes: [UInt8]) throws {
    guard let (value, double) = DecimalFloat.number(bytes) else { throw Failure(.badData, "expected a number") }
    let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: CharacterSet(charactersIn: " \t"))
    let expected = strtof(text, nil)
    guard value.bitPattern == expected.bitPattern || value.isNaN && expected.isNaN else {
      throw Unexpected("\(value) for \(text.prefix(80)), expected \(expected)")
    }
    let expectedDouble = strtod(text, nil)
    guard double.bitPattern == expectedDouble.bitPattern || double.isNaN && expectedDouble.isNaN else {
      throw Unexpected("\(double) for \(text.prefix(80)), expected \(expectedDouble)")
    }
  }
}

/// An outcome that is neither a value nor a `Failure`.
struct Unexpected: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// Overwrites a file in place: quicker than a new one.
func write(_ bytes: [UInt8], to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  defer { close(descriptor) }
  guard Foundation.write(descriptor, bytes, bytes.count) == bytes.count else {
    throw Unexpected("an input that cannot be written to \(path)")
  }
}
