import Configuration
import Losses

/// Whom a run learns from beside its targets: `teacher` in a configuration.
///
/// ```yaml
/// teacher: {checkpoint: runs/large, temperature: 4, share: 0.7}
/// ```
public struct TeacherSettings: Sendable {
  /// A checkpoint, or a run directory for its newest one.
  package let checkpoint: String
  /// That of the same network without a teacher, whose figures stand beside the student's; nil: none.
  package let beside: String?
  package let distillation: Distillation
  /// Places of the student's layers, and of the teacher's that they are compared with.
  package let features: [Feature]
  /// What the distance of a feature counts beside the loss.
  package let featureWeight: Double
  /// MiB that its outputs of all training samples may take, to be kept; nil: half of what there is.
  package let memory: Int?

  /// Two layers whose outputs have one shape.
  public struct Feature: Equatable, Sendable {
    public let student: String
    public let teacher: String

    public init(student: String, teacher: String) { (self.student, self.teacher) = (student, teacher) }
  }

  /// - Parameters:
  ///   - checkpoint: a checkpoint's directory, or that of a run for its newest one.
  ///   - beside: the same of a model that nobody taught, as a rule the student's network: its figures are told with those of the student and
  ///     of the teacher; nil: none are.
  ///   - features: places of layers, whose outputs are compared in training as well.
  ///   - featureWeight: what the squared distance of each, the mean over its numbers, counts beside the loss.
  ///   - memory: MiB that its outputs of all training samples may take, on a rank, to be kept; where they take more, they are computed in
  ///     each step, of the samples that it has: the bits are the same. Nil: half of what there is.
  public init(
    checkpoint: String, _ distillation: Distillation = Distillation(), beside: String? = nil, features: [Feature] = [],
    featureWeight: Double = 1, memory: Int? = nil
  ) {
    (self.checkpoint, self.distillation, self.beside) = (checkpoint, distillation, beside)
    (self.features, self.featureWeight, self.memory) = (features, featureWeight, memory)
  }

  init(_ settings: ConfigReader) throws {
    checkpoint = try settings.filePath("checkpoint")
    beside = try settings.optionalFilePath("beside")
    distillation = Distillation(
      temperature: Float(try settings.double("temperature", default: 2, in: 0.01...1000)),
      share: Float(try settings.double("share", default: 0.5, in: 0...1)))
    features = try settings.named("features", by: "layers") { try $0.string() }.map {
      Feature(student: $0.name, teacher: $0.value)
    }
    featureWeight = try settings.double("feature-weight", default: 1, in: 0...1e6)
    guard !features.isEmpty || featureWeight == 1 || settings.isDescribing else {
      throw settings.failure(
        at: "feature-weight",
        "expected none without features, of whose distances it is the weight, found \(featureWeight)",
        cure: "name features, or leave it out")
    }
    memory = try settings.optionalInt("memory", in: 0...(1 << 30))
  }
}
