import Foundation

/// The processes that mpirun has started on this host for the same job, as far as /proc shows them.
///
/// A program that never calls MPI (`mpirun -np 1 lockstep train … : -np 1 true`) ends in order as far as mpirun can see;
/// the ranks wait for it in MPI_Init for ever.
struct Partners {
  /// How many mpirun says it has started here.
  let started: Int
  /// Those of them that are there, by their number on this host.
  let present: Set<Int>
  private let host: String
  /// The number of this process.
  let own: Int

  /// Nil where it cannot be told: this process was not started by Open MPI's mpirun, or lives apart from it.
  init?(_ environment: [String: String], processes: String = "/proc") {
    guard let started = environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap({ Int($0) }), started > 1,
      let own = environment["OMPI_COMM_WORLD_LOCAL_RANK"].flatMap({ Int($0) }),
      let job = environment["PMIX_NAMESPACE"], Self.isBelowLauncher(processes)
    else { return nil }
    (self.started, self.own, host) = (started, own, LaunchedPlace(environment).host)
    var present: Set = [own]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: processes)) ?? [] where name.first!.isNumber {
      // Empty for a process that has ended and waits to be buried, and for another user's.
      let bytes = FileManager.default.contents(atPath: "\(processes)/\(name)/environ") ?? Data()
      let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      guard words.contains("PMIX_NAMESPACE=\(job)") else { continue }
      let prefix = "OMPI_COMM_WORLD_LOCAL_RANK="
      if let rank = words.first(where: { $0.hasPrefix(prefix) }).flatMap({ Int($0.dropFirst(prefix.count)) }) {
        present.insert(rank)
      }
    }
    self.present = present
  }

  var areMissing: Bool { present.count < started }

  /// One line.
  var complaint: String {
    let missing = started - present.count
    return
      "\(missing) of the \(started) processes that mpirun started on \(host) \(missing == 1 ? "has" : "have") ended "
      + "without calling MPI, and MPI cannot begin; give mpirun programs that are ranks of one job"
  }

  /// Whether mpirun or its daemon is seen from here: in a container of its own a rank would miss all others.
  private static func isBelowLauncher(_ processes: String) -> Bool {
    var process = "\(getppid())"
    for _ in 0..<16 {
      guard let text = try? String(contentsOfFile: "\(processes)/\(process)/stat", encoding: .utf8),
        let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
      else { return false }
      if ["mpirun", "orterun", "mpiexec", "orted", "prterun", "prted"].contains(
        String(text[text.index(after: open)..<close]))
      {
        return true
      }
      let fields = text[text.index(after: close)...].split(separator: " ")
      guard fields.count > 1, fields[1] != "0" else { return false }
      process = String(fields[1])
    }
    return false
  }
}
