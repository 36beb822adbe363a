import Foundation
import Testing

import Reports

/// Text that came from data is text in a page, whatever is in it.
@Suite struct MarkupTests {
  /// What somebody may call a class or a column.
  static let uglyNames = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onload='x", "a & b &amp; c", "]]>", "<!--", "",
    " ", "\u{0}\u{1}\u{8}\n\t\r", "\u{FFFE}\u{FFFF}", "\u{202E}gnp.exe", "שלום עולם", "مرحبا", "👩‍👩‍👧‍👦🏳️‍🌈", "名前",
    "e" + String(repeating: "\u{301}", count: 10_000), String(repeating: "x", count: 10_000),
    String(repeating: "<&\"'>", count: 2000), "${x} {{y}} \\(z)", "\u{2028}\u{2029}",
  ]

  @Test func textIsEscaped() {
    let cases: [(String, String)] = [
      ("<script>", "&lt;script&gt;"), ("a & \"b\" 'c'", "a &amp; &quot;b&quot; &#39;c&#39;"), ("&lt;", "&amp;lt;"),
      ("a\nb", "a\\nb"), ("\u{202E}", "\\u{202E}"), ("\u{FFFF}", "\u{FFFD}"), ("é👍", "é👍"),
    ]
    for (data, expected) in cases {
      let markup: Markup = "<b>\(data)</b>"
      #expect(markup.text == "<b>\(expected)</b>")
    }
    // What is markup already stays.
    let inner: Markup = "<i>\("<")</i>"
    let outer: Markup = "\(inner)\([inner, inner])\(3)\(2.25)"
    #expect(outer.text == "<i>&lt;</i><i>&lt;</i><i>&lt;</i>32.3")
  }

  @Test func everyNameIsWellFormedAndBounded() {
    for name in Self.uglyNames {
      let markup: Markup = "<p title=\"\(name)\">\(Names.markup(name))</p>"
      #expect(faultOf(markup) == nil, "\(name.prefix(40))")
      #expect(Names.markup(name).text.utf8.count < 8000, "\(name.prefix(40))")
      #expect(!markup.text.contains("<script") && !markup.text.contains("<img"))
    }
    for broken: Markup in ["<p>", "</p>", "<p a=b/>", "&nope;", "<p", "\u{1}"] {
      #expect(faultOf(broken) != nil, "the check sees what is none: \(broken.text)")
    }
  }

  @Test func namesAreCutBehindTheirFirstCharacters() {
    #expect(Names.brief("abc", most: 3) == "abc")
    #expect(Names.brief("abcd", most: 3) == "ab…")
    #expect(Names.fitting("abc", width: 100) == "abc")
    let fitted = Names.fitting(String(repeating: "m", count: 50), width: 60)
    #expect(fitted.hasSuffix("…") && Names.width(of: fitted) <= 60)
  }

  @Test func placesAreTenths() {
    let cases: [(Double, String)] = [
      (0, "0"), (1, "1"), (-0.04, "0"), (12.34, "12.3"), (-12.36, "-12.4"), (.nan, "0"), (.infinity, "0"),
    ]
    for (value, text) in cases { #expect(Markup.place(value) == text) }
  }
}
