import Diagnostics
import Testing

@Suite struct ShownTests {
  @Test(arguments: [
    ("\u{1B}[2J", "\\u{1B}[2J"), ("a\nb", "a\\nb"), ("a\r\nb", "a\\r\\nb"), ("a\tb", "a\\tb"), ("\u{7}", "\\u{7}"),
    ("\u{7F}", "\\u{7F}"), ("\u{9B}31m", "\\u{9B}31m"), ("\0", "\\u{0}"), ("\u{2028}", "\\u{2028}"),
    ("\u{202E}txt.exe", "\\u{202E}txt.exe"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
  ])
  func whatATerminalObeysIsEscaped(text: String, expected: String) { #expect(text.shown() == expected) }

  @Test(arguments: ["", "Ankle boot", "größer 28×28×1 — ½", "数字", "👩‍👩‍👧", "שלום", "C:\\n", "e\u{301}"])
  func allElseStays(text: String) { #expect(text.shown() == text) }

  @Test func layoutStaysWhereItIsWanted() {
    #expect("a\n\tb\r\u{1B}c".shown(keeping: layoutCharacters) == "a\n\tb\\r\\u{1B}c")
    #expect("a\r\nb".shown(keeping: layoutCharacters) == "a\\r\nb", "one Character of two scalars")
  }
}
