/// `run.json`, of this form and of earlier ones.
extension RunRecord {
  /// The file that an adapter is in.
  package static let adapterName = "adapter_model.safetensors"

  private enum Key: String, CodingKey {
    case format, step, epoch, digest, config, programs, input, classes, features, targets, metrics, sums, best, plateau,
      files, checksum
    case instructionSet = "instruction-set"
    case trainingData = "training-data"
    case startFrom = "start-from"
    case teacher, adapter
    case watchedData = "watched-data"
    /// Up to format 2: versions of programs, and under words of its own whatever else decided bits.
    case versions
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    format = try values.decode(Int.self, forKey: .format)
    step = try values.decode(Int.self, forKey: .step)
    epoch = try values.decode(Int.self, forKey: .epoch)
    digest = try values.decode(String.self, forKey: .digest)
    config = try values.decode(String.self, forKey: .config)
    classes = try values.decodeIfPresent([String].self, forKey: .classes)
    features = try values.decodeIfPresent([String].self, forKey: .features)
    targets = try values.decodeIfPresent([String].self, forKey: .targets)
    metrics = try values.decode([String: Double].self, forKey: .metrics)
    sums = try values.decodeIfPresent([String: Double].self, forKey: .sums)
    startFrom = try values.decodeIfPresent(String.self, forKey: .startFrom)
    adapter = try values.decodeIfPresent(String.self, forKey: .adapter)
    if adapter == nil, let joined = startFrom, joined.hasPrefix(Self.adapterName + " sha256:") {
      // Both stood in one text once: ADAPTER beside WEIGHTS.
      let parts = joined.split(separator: " beside ", maxSplits: 1).map(String.init)
      (adapter, startFrom) = (parts[0], parts.count > 1 ? parts[1] : nil)
    }
    watchedData = try values.decodeIfPresent(String.self, forKey: .watchedData)
    teacher = try values.decodeIfPresent(String.self, forKey: .teacher)
    best = try values.decodeIfPresent(BestEpoch.self, forKey: .best)
    plateau = try values.decodeIfPresent(PlateauState.self, forKey: .plateau)
    files = try values.decode([String: FileRecord].self, forKey: .files)
    checksum = try values.decode(String.self, forKey: .checksum)
    if var versions = try values.decodeIfPresent([String: String].self, forKey: .versions) {
      instructionSet = versions.removeValue(forKey: Key.instructionSet.rawValue)
      trainingData = versions.removeValue(forKey: Key.trainingData.rawValue)
      let extents = versions.removeValue(forKey: Key.input.rawValue)?.split(separator: " ") ?? []
      // A word that is no number leaves no shape at all, which whoever wants one refuses.
      let numbers = extents.compactMap { Int($0) }
      input = numbers.count == extents.count ? numbers : []
      programs = versions
    } else {
      programs = try values.decode([String: String].self, forKey: .programs)
      instructionSet = try values.decodeIfPresent(String.self, forKey: .instructionSet)
      trainingData = try values.decodeIfPresent(String.self, forKey: .trainingData)
      input = try values.decode([Int].self, forKey: .input)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(format, forKey: .format)
    try values.encode(step, forKey: .step)
    try values.encode(epoch, forKey: .epoch)
    try values.encode(digest, forKey: .digest)
    try values.encode(config, forKey: .config)
    try values.encode(programs, forKey: .programs)
    try values.encodeIfPresent(instructionSet, forKey: .instructionSet)
    try values.encode(input, forKey: .input)
    try values.encodeIfPresent(trainingData, forKey: .trainingData)
    try values.encodeIfPresent(classes, forKey: .classes)
    try values.encodeIfPresent(features, forKey: .features)
    try values.encodeIfPresent(targets, forKey: .targets)
    try values.encode(metrics, forKey: .metrics)
    try values.encodeIfPresent(sums, forKey: .sums)
    try values.encodeIfPresent(startFrom, forKey: .startFrom)
    try values.encodeIfPresent(teacher, forKey: .teacher)
    try values.encodeIfPresent(adapter, forKey: .adapter)
    try values.encodeIfPresent(watchedData, forKey: .watchedData)
    try values.encodeIfPresent(best, forKey: .best)
    try values.encodeIfPresent(plateau, forKey: .plateau)
    try values.encode(files, forKey: .files)
    try values.encode(checksum, forKey: .checksum)
  }
}
