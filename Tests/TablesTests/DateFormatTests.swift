import Foundation
import Tables
import Testing

@Suite struct DateFormatTests {
  /// Every day of four hundred years, as the C library counts them.
  @Test func everyDay() {
    let format = DateFormat("%d.%m.%Y")!
    for day in -80_000..<80_000 {
      var (seconds, parts) = (time_t(day * 86_400), tm())
      gmtime_r(&seconds, &parts)
      let (year, month) = (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1)
      let date = CivilCalendar.date(day)
      guard date == (year, month, Int(parts.tm_mday)), CivilCalendar.days(year, month, date.day) == day,
        CivilCalendar.weekday(day) == (Int(parts.tm_wday) + 6) % 7
      else {
        Issue.record("day \(day) is \(date)")
        return
      }
      let text = String(format: "%02d.%02d.%04d", date.day, month, year)
      guard format.instant(text) == Int64(day) * 86_400_000_000 else {
        Issue.record("\(text) is \(String(describing: format.instant(text)))")
        return
      }
    }
  }

  @Test func iso() {
    let format = DateFormat()
    let day: Int64 = 1_795_478_400_000_000  // 2026-11-24
    for (text, offset) in [
      ("2026-11-24", 0), ("2026-11-24T13:05", 47_100_000_000), ("2026-11-24 13:05:06", 47_106_000_000),
      ("2026-11-24T13:05:06.25Z", 47_106_250_000), ("2026-11-24T13:05:06.1234567", 47_106_123_456),
      ("2026-11-24T13:05:06+01:00", 43_506_000_000), ("2026-11-24T13:05:06-0530", 66_906_000_000),
      ("2026-11-24T23:59:60Z", 86_400_000_000),
    ] as [(String, Int64)] {
      #expect(format.instant(text) == day + offset, "\(text)")
    }
    #expect(DateFormat(zoneMinutes: 60).instant("2026-11-24") == day - 3_600_000_000)
    for text in [
      "", "2026", "2026-11", "2026-13-01", "2026-02-29", "2026-11-31", "26-11-24", "2026-11-24T", "2026-11-24T25:00",
      "2026-11-24T13:60", "2026-11-24x", "2026/11/24", " 2026-11-24", "2026-11-24T13:05:06+1",
    ] { #expect(format.instant(text) == nil, "\(text)") }
  }

  /// Days alone are read in a way of their own: as a pattern reads them, and nothing else.
  @Test func daysInISO() {
    let (format, pattern) = (DateFormat(zoneMinutes: -90), DateFormat("%Y-%m-%d", zoneMinutes: -90)!)
    for year in [0, 1, 1899, 1900, 2000, 2023, 2024, 9999] {
      for month in 0...13 {
        for day in 0...32 {
          let text = String(format: "%04d-%02d-%02d", year, month, day)
          guard format.instant(text) != pattern.instant(text) else { continue }
          Issue.record("\(text) is \(String(describing: format.instant(text)))")
        }
      }
    }
    for place in 0..<10 {
      for byte in Array("/:-+ x\u{e9}".utf8) {
        var text = Array("2026-11-24".utf8)
        guard text[place] != byte else { continue }
        text[place] = byte
        let found = text.withUnsafeBufferPointer { format.instant($0) }
        #expect(found == nil, "\(text)")
      }
    }
  }

  @Test func patterns() {
    func date(_ text: String, _ pattern: String) -> String? {
      DateFormat(pattern)!.instant(text).map(CivilCalendar.text)
    }
    #expect(date("11/24/2026", "%m/%d/%Y") == "2026-11-24")
    #expect(date("1/2/26", "%m/%d/%y") == "2026-01-02")
    #expect(date("24-Nov-1968", "%d-%b-%Y") == "1968-11-24")
    #expect(date("24 NOV 69", "%d %b %y") == "1969-11-24")
    #expect(date("20261124", "%Y%m%d") == "2026-11-24")
    #expect(date("2026/060", "%Y/%j") == "2026-03-01")
    #expect(date("2026-11-24 12:30 AM", "%Y-%m-%d %I:%M %p") == "2026-11-24T00:30:00Z")
    #expect(date("2026-11-24 12:30 pm +0200", "%Y-%m-%d %I:%M %p %z") == "2026-11-24T10:30:00Z")
    #expect(date("100% 2026", "100%% %Y") == "2026-01-01")
    #expect(date("2026-11-24 13", "%Y-%m-%d %I") == nil)
    for pattern in ["%d.%m", "%Q %Y", "%Y %Y", "%", "%Y%"] { #expect(DateFormat(pattern) == nil, "\(pattern)") }
  }
}
