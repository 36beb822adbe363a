import Communication
import Datasets
import Diagnostics
import Host
import Layers
import Tensors
import Training

/// Where a failure of what `features` says is.
private let key = "teacher.features"

extension Model {
  /// What it has of all samples at the places of `features`, computed once; all ranks call it, and each keeps all of it.
  ///
  /// Throws a bad configuration (78) where a place has no layer, or another shape than the student's, and unavailable (69) where memory
  /// lacks.
  func features(
    _ features: [TeacherSettings.Feature], of train: Dataset, for student: Plan, in world: any Communicator
  ) throws -> [Lesson.Feature] {
    let plans = try world.agree {
      let plans = try features.map { try plan(for: $0, student) }
      try Self.requireMemory(4 * train.count * plans.reduce(0) { $0 + $1.outputShape.count }, ranks: world.size)
      return plans
    }
    return try plans.map { front in
      let own = FlatBuffer(count: front.layout.count)
      let places = Dictionary(uniqueKeysWithValues: plan.layout.slots.map { ($0.name, $0.range) })
      for slot in front.layout.slots { own.view[slot.range].assign(parameters.view[places[slot.name]!]) }
      let width = front.outputShape.count
      let outputs = FlatBuffer(count: train.count * width)
      var next = 0
      try evaluator(world, of: front, on: own.view).forEachBlock(everywhere: train) { block in
        outputs.view[next..<next + block.count].assign(block)
        next += block.count
      }
      return Lesson.Feature(outputs, width: width)
    }
  }

  /// The front of it that a student is compared with.
  private func plan(for feature: TeacherSettings.Feature, _ student: Plan) throws -> Plan {
    guard configuration.fineTuning.adapter == nil else {
      throw Failure(
        .badConfiguration, at: "\(key) (\(path.shown()))", "expected a teacher without adapters, found one of lora",
        cure: "leave features out")
    }
    let front = try plan.network.ending(at: feature.teacher, key: "\(key).\(feature.student) (\(path.shown()))")
      .plan(microBatch: configuration.microBatch, precision: configuration.precision)
    guard front.outputSequence == nil else {
      throw Failure(
        .badConfiguration, at: "\(key).\(feature.student)",
        "expected rows that are all real, found positions at \(feature.teacher) of the teacher, some of which are padding",
        cure: "compare layers behind mean-positions, or another that makes one row of them")
    }
    let own = try student.network.ending(at: feature.student, key: key).outputShape
    guard front.outputShape == own else {
      throw Failure(
        .badConfiguration, at: "\(key).\(feature.student)",
        "expected \(own), as the student has there, found \(front.outputShape) at \(feature.teacher) of the teacher",
        cure: "compare layers whose outputs have one shape")
    }
    return front
  }

  private static func requireMemory(_ bytes: Int, ranks: Int) throws {
    let found = ProcessMemory.ofThisProcess
    guard bytes > found.bytes || bytes * ranks > found.shared.bytes else { return }
    throw Failure(
      .unavailable, at: key,
      "expected \(byteText(Double(bytes))) of memory a rank for what the teacher has of all samples, found "
        + "\(byteText(Double(found.bytes))) (\(found.shared.name))",
      cure: "compare smaller layers, behind pools, or fewer of them")
  }
}

extension RunConfiguration {
  /// A network that compares itself with its teacher, where it has one that shows features.
  func compared(_ network: Network) throws -> Network {
    guard let features = teacher?.features, !features.isEmpty else { return network }
    return try network.comparing(at: features.map(\.student), key: key)
  }

  /// The same of a plan.
  func compared(_ plan: Plan) throws -> Plan {
    guard let features = teacher?.features, !features.isEmpty else { return plan }
    return try compared(plan.network).plan(microBatch: plan.microBatch, precision: plan.precision)
  }
}
