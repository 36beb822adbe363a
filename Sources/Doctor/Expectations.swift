import Communication
import Diagnostics
import Foundation
import Host
import Lockstep

/// What a training expects of every host: its data, the same everywhere, memory, and room for checkpoints.
struct Expectations {
  private let world: any Communicator
  private let configuration: RunConfiguration?
  /// The run directory; nil: not looked at.
  private let directory: String?

  init(_ world: any Communicator, configuration: RunConfiguration?, output: String?) {
    (self.world, self.configuration) = (world, configuration)
    directory = output ?? configuration?.directory
  }

  /// Looks on every rank; the same findings on all of them. All ranks call it.
  func findings() throws -> [Finding] {
    var own: [Finding] = []
    var checksums: [UInt64] = [0, 0]
    var parameters = 0
    if let configuration {
      do {
        let train = try PreparedData.readTrain(configuration)
        checksums[0] = train.checksum
        let (test, held, isValidation) = try PreparedData.readTest(configuration, like: train)
        checksums[1] = test?.checksum ?? 0
        let plan = try PreparedData(
          fitting: configuration, train, test, held: held, isWatchedByValidation: isValidation
        ).plan
        parameters = plan.layout.count
        try MemoryNeed.require(
          for: plan, ranks: world.hostSize, copies: MemoryNeed.copies(configuration, of: plan.layout, world))
      } catch {
        let failure = Failure(reporting: error)
        own.append(
          finding(.grave, "model and data do not fit", "training ends here", failure.description))
      }
    }
    let all = try world.allGather(checksums)
    // What a rank could not read it has said.
    let differs = checksums.indices.contains { place in
      let read = all.map { $0[place] }.first { $0 != 0 }
      return checksums[place] != 0 && read != checksums[place]
    }
    if differs {
      own.append(
        finding(
          .grave, "the data are not those of the other hosts",
          "ranks would train on different samples",
          "give every host the same files"))
    }
    if world.rank == 0, let directory {
      own += room(in: directory, checkpoint: parameters * 3 * MemoryLayout<Float>.stride)
    }
    if let directory { own += try shared(directory) }
    let texts = try world.allGather(String(decoding: try JSONEncoder().encode(own), as: UTF8.self))
    return Finding.merged(
      try texts.flatMap { try JSONDecoder().decode([Finding].self, from: Data($0.utf8)) })
  }

  /// The nearest folder above the run directory, or itself, that exists on this rank.
  private static func existing(above directory: String) -> String {
    var existing = directory
    while access(existing, F_OK) != 0, existing != "/", existing != "." {
      existing = (existing as NSString).deletingLastPathComponent
      if existing.isEmpty { existing = "." }
    }
    return existing
  }

  /// Whether a file that rank zero makes where the run directory is to be is there for the others. All ranks call it.
  private func shared(_ directory: String) throws -> [Finding] {
    let name = ".lockstep-doctor-\(UUID().uuidString)"
    var own = ""
    if world.rank == 0 {
      own = "\(Self.existing(above: directory))/\(name)"
      // Where it cannot be written, `room` says so.
      if !FileManager.default.createFile(atPath: own, contents: Data()) { own = "" }
    }
    let path = try world.allGather(own)[0]
    let isThere = path.isEmpty || access(path, F_OK) == 0
    try world.barrier()
    if !own.isEmpty { unlink(own) }
    guard !isThere else { return [] }
    return [
      finding(
        .warning, "the run directory \(directory) is not the one that rank 0 writes",
        "a run that goes on with rank 0 on another host would not find its checkpoints",
        "put it on a file system that all hosts share")
    ]
  }

  /// Rank zero alone writes.
  private func room(in directory: String, checkpoint bytes: Int) -> [Finding] {
    let existing = Self.existing(above: directory)
    guard access(existing, W_OK | X_OK) == 0 else {
      return [
        finding(
          .grave, "the run directory \(directory) cannot be written", "no checkpoint could be kept",
          "\(existing): \(String(cString: strerror(errno))): choose another one with --output")
      ]
    }
    let kept = configuration?.output.keep ?? 1
    guard let free = freeBytes(of: existing), free < bytes * (kept + 1) else { return [] }
    let needed = "\(fixed(Double(bytes * (kept + 1)) / 1e6, 0)) MB"
    return [
      finding(
        free < bytes ? .grave : .warning,
        "\(fixed(Double(free) / 1e6, 0)) MB are free for the run directory \(directory)",
        "\(kept) checkpoints and one that is being written may take \(needed)",
        "make room, choose another one with --output, or lower keep-checkpoints")
    ]
  }

  private func finding(_ severity: Finding.Severity, _ what: String, _ why: String, _ cure: String)
    -> Finding
  {
    Finding(severity, what, hosts: [world.host], ranks: [world.rank], why: why, cure: cure)
  }
}
