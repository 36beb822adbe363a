import Foundation

/// The processes that mpirun has started on this host for the same job, as far as /proc shows them.
///
/// A program that never calls MPI (`mpirun -np 1 lockstep train … : -np 1 true`) ends in order as far as mpirun can see;
/// the ranks wait for it in MPI_Init for ever.
struct Partners {
  /// One of the others, while it is there.
  struct Partner {
    let rank: Int
    /// Its number on this host.
    let place: Int
    let process: Int
    let parent: Int
    /// By a signal, such as SIGSTOP.
    let isStopped: Bool
  }

  /// How many mpirun says it has started here.
  let started: Int
  let others: [Partner]
  private let host: String
  private let processes: String
  /// The number of this process.
  let own: Int

  /// Nil where it cannot be told: this process was not started by Open MPI's mpirun, or lives apart from it.
  init?(_ environment: [String: String], processes: String = "/proc") {
    guard let started = environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap({ Int($0) }), started > 1,
      let own = environment["OMPI_COMM_WORLD_LOCAL_RANK"].flatMap({ Int($0) }),
      let job = environment["PMIX_NAMESPACE"], Self.isBelowLauncher(processes)
    else { return nil }
    (self.started, self.own, self.processes, host) = (started, own, processes, LaunchedPlace(environment).host)
    var others: [Partner] = []
    for name in (try? FileManager.default.contentsOfDirectory(atPath: processes)) ?? [] where name.first!.isNumber {
      // Empty for a process that has ended and waits to be buried, and for another user's.
      // By a handle, until nothing comes: a read of /proc may give less than there is.
      let bytes = (try? FileHandle(forReadingAtPath: "\(processes)/\(name)/environ")?.readToEnd()) ?? Data()
      let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      guard words.contains("PMIX_NAMESPACE=\(job)") else { continue }
      func number(_ key: String) -> Int? {
        words.first { $0.hasPrefix("\(key)=") }.flatMap { Int($0.dropFirst(key.count + 1)) }
      }
      guard let process = Int(name), let place = number("OMPI_COMM_WORLD_LOCAL_RANK"), place != own,
        let rank = number("OMPI_COMM_WORLD_RANK")
      else { continue }
      let fields = Self.status("\(processes)/\(name)")?.fields ?? []
      others.append(
        Partner(
          rank: rank, place: place, process: process, parent: fields.count > 1 ? Int(fields[1]) ?? 0 : 0,
          isStopped: fields.first.map(Self.isStopped) ?? false))
    }
    self.others = others.sorted { $0.rank < $1.rank }
  }

  /// The numbers on this host of those that are there.
  var present: Set<Int> { Set(others.map(\.place)).union([own]) }

  var areMissing: Bool { present.count < started }

  /// One line of the first that is stopped, for the first of those that are not; nil for the others, and where none is.
  var complaintOfStopped: String? {
    let stopped = others.filter(\.isStopped)
    guard let first = stopped.first, present.subtracting(stopped.map(\.place)).min() == own else { return nil }
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

  // MARK: - The end

  /// Shows the others, by the name of this process, that nothing is left to do here but to end; false where it cannot.
  static func announceEnd() -> Bool {
    guard let file = fopen("/proc/self/comm", "we") else { return false }
    let isWritten = fputs(endingName, file) >= 0
    return fclose(file) == 0 && isWritten
  }

  /// Those of the others that are ranks of this program.
  ///
  /// A shell or a tool between mpirun and a rank has the rank's variables, and ends only when that has. Where an emulator
  /// runs all programs, it is known by what it has started.
  var ofThisProgram: [Partner] {
    func program(_ process: String) -> (dev_t, ino_t)? {
      var status = stat()
      return stat("\(processes)/\(process)/exe", &status) == 0 ? (status.st_dev, status.st_ino) : nil
    }
    guard let mine = program("self") else { return [] }
    let parents = Set(others.map(\.parent)).union([Int(getppid())])
    return others.filter { other in
      !parents.contains(other.process) && program("\(other.process)").map { $0 == mine } ?? false
    }
  }

  /// Whether one of the others has ended, or has announced it and is not stopped since.
  func isEnding(_ partner: Partner) -> Bool {
    guard let status = Self.status("\(processes)/\(partner.process)"), let state = status.fields.first else {
      return true
    }
    // Z, X: it has ended, and nobody has buried it yet.
    return state == "Z" || state == "X" || status.name == Self.endingName && !Self.isStopped(state)
  }

  /// T: by a signal, t: by a debugger.
  private static func isStopped(_ state: String) -> Bool { state == "T" || state == "t" }

  /// One line of the first that does not end, for the first of those that wait for it; nil for the others.
  var complaintOfEnd: String? {
    let ranks = ofThisProgram
    guard let late = ranks.first(where: { !isEnding($0) }),
      !ranks.contains(where: { isEnding($0) && $0.place < own })
    else { return nil }
    return
      "rank \(late.rank) on \(host) does not answer: it has ended MPI, and its process \(late.process) "
      + (late.isStopped ? "is stopped by a signal" : "does not end")
  }

  /// No longer than the kernel lets a name be.
  static let endingName = "lockstep-ending"

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
