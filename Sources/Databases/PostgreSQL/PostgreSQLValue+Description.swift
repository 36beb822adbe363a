#if ExternalTables
  import Diagnostics

  extension PostgreSQLValue {
    /// `17`, `'abc'`, `2024-02-29`, for a message.
    var description: String {
      switch self {
      case .boolean(let value): return "\(value)"
      case .integer(let value): return "\(value)"
      case .number(let value): return "\(value)"
      case .text(let bytes):
        return "'\(String(decoding: bytes.prefix(160), as: UTF8.self).prefix(40).shown())'"
      case .day(let days): return Self.date(Int(days))
      case .instant(let instant):
        let microseconds = Int(instant)
        let days = (microseconds - (microseconds < 0 ? 86_399_999_999 : 0)) / 86_400_000_000
        let seconds = (microseconds - days * 86_400_000_000) / 1_000_000
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(Self.date(days)) \(clock.joined(separator: ":"))"
      case .infinite(let isNegative): return isNegative ? "-infinity" : "infinity"
      }
    }

    /// The date of a day, counted from 1970-01-01, in the proleptic Gregorian calendar: by eras of 400 years that begin with
    /// March, so that a leap day is the last of its year.
    private static func date(_ day: Int) -> String {
      let day = day + 719_468
      let era = (day - (day < 0 ? 146_096 : 0)) / 146_097
      let dayOfEra = day - era * 146_097
      let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
      let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
      let month = (5 * dayOfYear + 2) / 153
      let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
      let (number, year) = (month < 10 ? month + 3 : month - 9, yearOfEra + era * 400 + (month < 10 ? 0 : 1))
      return "\(year)-\(number < 10 ? "0" : "")\(number)-\(dayOfMonth < 10 ? "0" : "")\(dayOfMonth)"
    }
  }
#endif
