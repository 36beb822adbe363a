import Diagnostics
import Files
import Foundation
import Tensors

/// All that a checkpoint says about the run beside the numbers: the contents of `run.json`.
public struct RunRecord: Codable, Equatable, Sendable {
  /// The version of this form of file that this build writes; it reads the earlier ones too.
  ///
  /// 1: parameters, their average and the optimizer's state lie as in memory. 2: as PyTorch has them, so that a dense layer
  /// behind a flattened picture has its columns in the order channels, height, width. 3: what computed it, on which data, are
  /// keys of their own, which had been words of one table, `versions`.
  package static let currentFormat = 3

  /// The version of this form of file.
  package internal(set) var format = currentFormat
  /// Steps done.
  public var step: Int
  /// Epochs done, the one under way left out.
  public var epoch: Int
  /// The digest of the parameters, as `sha256:…`.
  public var digest: String
  /// The resolved configuration, as YAML.
  package var config: String
  /// Versions of the program and its libraries, by name.
  package var programs: [String: String]
  /// The instruction set that computed it; nil where the writer did not tell.
  package var instructionSet: String?
  /// The extents of a sample, channels last.
  package var input: [Int]
  /// The checksum of the training data, hexadecimal; nil where the writer was too old to keep it.
  package var trainingData: String?
  /// The checksum of the data that training is watched by, hexadecimal, where what is measured on them decides how it goes on; else nil.
  package var watchedData: String?
  /// Names of the classes, in the order of the outputs.
  public var classes: [String]?
  /// Names of the features, in the order of the inputs.
  public var features: [String]?
  /// Names of the columns that are predicted, in the order of the outputs; nil for classes and images.
  public var targets: [String]?
  /// What was last measured, by name; infinities and NaN are kept.
  public var metrics: [String: Double]
  /// Sums over the epoch under way, by name; nil between epochs, and where the writer was too old to keep them.
  package var sums: [String: Double]?
  /// What the run started from, `resnet18.pth sha256:…`; nil where its layers said what.
  public var startFrom: String?
  /// The adapter that the run went on from, `adapter_model.safetensors sha256:…`; nil where it had none, or one at random.
  public var adapter: String?
  /// The digest of the teacher's weights, where the run is a student's.
  public var teacher: String?
  /// Of a run that may end early, its best epoch so far; nil where there is none.
  public var best: BestEpoch?
  /// Of a run whose learning rate falls on plateaus, how far it has come; nil before the first evaluation.
  public var plateau: PlateauState?
  /// Length and checksum of each file beside this one; filled in by the store.
  package internal(set) var files: [String: FileRecord] = [:]
  /// The checksum of `run.json` itself, taken while these 64 digits are zeros.
  var checksum = zeroChecksum

  package init(
    step: Int, epoch: Int, digest: Digest, config: String, programs: [String: String] = [:],
    instructionSet: String? = nil, input: [Int] = [], trainingData: String? = nil, classes: [String]? = nil,
    features: [String]? = nil, targets: [String]? = nil, metrics: [String: Double] = [:],
    sums: [String: Double]? = nil, startFrom: String? = nil, teacher: String? = nil, best: BestEpoch? = nil,
    plateau: PlateauState? = nil, watchedData: String? = nil, adapter: String? = nil
  ) {
    self.step = step
    self.epoch = epoch
    self.digest = digest.description
    self.config = config
    self.programs = programs
    self.instructionSet = instructionSet
    self.input = input
    self.trainingData = trainingData
    self.classes = classes
    self.features = features
    self.targets = targets
    self.metrics = metrics
    self.sums = sums
    self.startFrom = startFrom
    self.teacher = teacher
    self.best = best
    self.plateau = plateau
    (self.watchedData, self.adapter) = (watchedData, adapter)
  }

  private static let zeroChecksum = "sha256:" + String(repeating: "0", count: 64)

  /// Equal but for the checksum, which only the file has.
  public static func == (a: RunRecord, b: RunRecord) -> Bool {
    (a.format, a.step, a.epoch, a.digest, a.config) == (b.format, b.step, b.epoch, b.digest, b.config)
      && (a.programs, a.instructionSet, a.input, a.trainingData) == (
        b.programs, b.instructionSet, b.input, b.trainingData
      )
      && (a.classes, a.features, a.targets, a.files) == (b.classes, b.features, b.targets, b.files)
      && a.metrics.mapValues(\.bitPattern) == b.metrics.mapValues(\.bitPattern)
      && a.sums?.mapValues(\.bitPattern) == b.sums?.mapValues(\.bitPattern)
      && (a.startFrom, a.teacher, a.best, a.plateau) == (b.startFrom, b.teacher, b.best, b.plateau)
      && (a.watchedData, a.adapter) == (b.watchedData, b.adapter)
  }
}

extension RunRecord {
  /// The layout whose slots are ordered as this checkpoint has them.
  package func layout(_ layout: ParameterLayout) -> ParameterLayout { format < 2 ? layout.inMemoryOrder : layout }

  /// Whether its tensors are ordered as PyTorch has them.
  package var hasStoredOrder: Bool { format >= 2 }

  /// The name of the file that holds the record.
  package static let fileName = "run.json"

  /// The longest `run.json` that is written and read, in bytes; decoding takes a multiple of it.
  static let maximumBytes = 64 << 20

  /// The text before the checksum's digits; no earlier key can contain it, as keys are sorted.
  private static let checksumKey = Array("\"checksum\" : \"sha256:".utf8)

  /// Pretty-printed JSON with sorted keys and the checksum filled in.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var record = self
    record.checksum = Self.zeroChecksum
    var bytes = Array(try encoder.encode(record)) + [UInt8(ascii: "\n")]
    guard let place = Self.checksumDigits(in: bytes) else {
      preconditionFailure("run.json has no place for a checksum")
    }
    guard bytes.count <= Self.maximumBytes else {
      throw Failure(
        .badData, at: Self.fileName, "expected at most \(Self.maximumBytes) bytes, found \(bytes.count)",
        cure: "shorten the names of classes and features")
    }
    bytes.replaceSubrange(place, with: Array(bytes.withUnsafeBytes(Digest.init(of:)).hex.utf8))
    return bytes
  }

  /// Reads `run.json` in `directory`; any damage is refused with its reason.
  init(readingFrom directory: String) throws {
    let file = try RegularFile("\(directory)/\(Self.fileName)")
    guard file.size <= Self.maximumBytes else {
      throw Failure(.badData, at: file.path, "expected at most \(Self.maximumBytes) bytes, found \(file.size)")
    }
    var bytes = try file.bytes(0..<file.size)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    func bad(_ message: String, cure: String? = nil) -> Failure {
      Failure(.badData, at: file.path, message, cure: cure)
    }

    // The format first: another one may have another checksum.
    struct Format: Decodable { let format: Int }
    guard let format = try? decoder.decode(Format.self, from: Data(bytes)) else {
      throw bad("expected a JSON object with a format, found \(file.size) bytes that are none")
    }
    guard (1...Self.currentFormat).contains(format.format) else {
      throw bad(
        "expected format 1 to \(Self.currentFormat), found \(format.format)",
        cure: Self.versionCure)
    }
    guard let place = Self.checksumDigits(in: bytes) else {
      throw bad("expected its own checksum, found none", cure: "the file must stay as it was written")
    }
    let claimed = String(decoding: bytes[place], as: UTF8.self)
    bytes.replaceSubrange(place, with: repeatElement(UInt8(ascii: "0"), count: 64))
    let found = bytes.withUnsafeBytes(Digest.init(of:)).hex
    guard claimed == found else {
      throw bad("expected sha256 \(claimed), found \(found)", cure: "the file must stay as it was written")
    }
    do {
      self = try decoder.decode(RunRecord.self, from: Data(bytes))
    } catch {
      throw bad("a key is missing or of another type")
    }
    guard step >= 0, epoch >= 0 else {
      throw bad("expected a step and an epoch of at least 0, found \(step), \(epoch)")
    }
  }

  private static let versionCure = "read it with the version that wrote it"

  /// Whether a record could not be read because another version wrote it, which is no damage.
  static func isOfAnotherVersion(_ failure: Failure) -> Bool { failure.description.hasSuffix(versionCure) }

  /// Where the 64 digits of the checksum are, if they are there.
  private static func checksumDigits(in bytes: [UInt8]) -> Range<Int>? {
    guard let key = bytes.firstRange(of: checksumKey), key.upperBound + 64 <= bytes.count else { return nil }
    return key.upperBound..<key.upperBound + 64
  }
}
