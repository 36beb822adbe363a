import Diagnostics
import Foundation

/// Gives damaged files to one parser: `fuzz-parsers PARSER FOLDER SEED FIRST COUNT`.
///
/// Each input is decided by the seed and its number alone. Exit code 0 means that each one came to a value or a
/// `Failure` of one line in time; a crash, more memory than the limit, or more time ends the process, and the last input
/// lies in FOLDER.
@main
enum FuzzParsers {
  /// Bytes of data that the process may have; what the inputs promise is far more.
  static let memory: UInt = 768 << 20
  /// Seconds of processor time that one input may take before the process is ended.
  static let seconds = 10

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 6, let seed = UInt64(arguments[3]), let first = Int(arguments[4]),
      let count = Int(arguments[5])
    else {
      print("usage: fuzz-parsers \(Parser.names.joined(separator: "|")) FOLDER SEED FIRST COUNT")
      exit(64)
    }
    let parser = try Parser(arguments[1], folder: arguments[2])
    var limit = rlimit(rlim_cur: memory, rlim_max: memory)
    guard setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit) == 0 else { throw Unexpected("no memory limit") }

    let mutator = Mutator(parser.corpus)
    var (values, failures, slowest) = (0, 0, (seconds: 0.0, input: first))
    for input in first..<first + count {
      var timer = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: seconds, tv_usec: 0))
      setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
      var random = Randomness(seed: seed, input: input)
      let bytes = mutator.input(&random)
      let start = clock()
      do {
        try parser.read(bytes, &random)
        values += 1
      } catch let failure as Failure {
        failures += 1
        guard !failure.description.isEmpty, !failure.description.contains(where: \.isNewline) else {
          throw Unexpected("input \(input): a failure that is not one line: \(failure)")
        }
      } catch {
        print("fuzz \(arguments[1]): seed \(seed), input \(input): expected a value or a Failure, found \(error)")
        exit(1)
      }
      let elapsed = Double(clock() - start) / Double(CLOCKS_PER_SEC)
      if elapsed > slowest.seconds { slowest = (elapsed, input) }
    }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    print(
      "fuzz \(arguments[1]): seed \(seed), inputs \(first)..<\(first + count): \(values) values, \(failures) failures; "
        + "the slowest, \(slowest.input), took \(Int(slowest.seconds * 1000)) ms; "
        + "at most \(usage.ru_maxrss / 1024) MiB of memory")
    guard values > 0, failures > 0 else { throw Unexpected("inputs that all come to the same") }
  }
}
