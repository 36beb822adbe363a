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
  /// Those that a signal has stopped, such as SIGSTOP: rank, number on this host and process.
  let stopped: [(rank: Int, own: Int, process: Int)]
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
    var stopped: [(rank: Int, own: Int, process: Int)] = []
    for name in (try? FileManager.default.contentsOfDirectory(atPath: processes)) ?? [] where name.first!.isNumber {
      // Empty for a process that has ended and waits to be buried, and for another user's.
      let bytes = FileManager.default.contents(atPath: "\(processes)/\(name)/environ") ?? Data()
      let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      guard words.contains("PMIX_NAMESPACE=\(job)") else { continue }
      func number(_ key: String) -> Int? {
        words.first { $0.hasPrefix("\(key)=") }.flatMap { Int($0.dropFirst(key.count + 1)) }
      }
      guard let place = number("OMPI_COMM_WORLD_LOCAL_RANK") else { continue }
      present.insert(place)
      // T: stopped by a signal, t: by a debugger.
      if let rank = number("OMPI_COMM_WORLD_RANK"), let process = Int(name),
        let state = Self.status("\(processes)/\(name)")?.fields.first, state == "T" || state == "t"
      {
        stopped.append((rank, place, process))
      }
    }
    (self.present, self.stopped) = (present, stopped.sorted { $0.rank < $1.rank })
  }

  var areMissing: Bool { present.count < started }

  /// One line of the first that is stopped, for the first of those that are not; nil for the others, and where none is.
  var complaintOfStopped: String? {
    guard let first = stopped.first, present.subtracting(stopped.map(\.own)).min() == own else { return nil }
    return
      "rank \(first.rank) on \(host) does not answer: its process \(first.process) is stopped by a signal; "
      + "start the job again, and let it go on (kill -CONT) where you stop it"
  }

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
      guard let status = status("\(processes)/\(process)") else { return false }
      // Debian's have a suffix: mpirun.openmpi.
      if ["mpirun", "orterun", "mpiexec", "orted", "prterun", "prted"].contains(where: status.name.hasPrefix) {
        return true
      }
      guard status.fields.count > 1, status.fields[1] != "0" else { return false }
      process = status.fields[1]
    }
    return false
  }

  /// The name of a process, and what /proc/PID/stat says behind it: its state, its parent, …
  private static func status(_ folder: String) -> (name: String, fields: [String])? {
    guard let text = try? String(contentsOfFile: "\(folder)/stat", encoding: .utf8),
      let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
    else { return nil }
    return (
      String(text[text.index(after: open)..<close]),
      text[text.index(after: close)...].split(separator: " ").map(String.init)
    )
  }
}
