import Foundation
import FoundationXML
import Reports

/// Why a piece of a page is no well-formed XML; nil where it is. Its elements are counted by name.
func faultOf(_ markup: Markup) -> String? { Reading("<root>\(markup.text)</root>").fault }

/// The same of a whole page, behind its first line.
func faultOf(page: String) -> String? {
  page.hasPrefix("<!DOCTYPE html>\n") ? Reading(String(page.dropFirst(16))).fault : "no document type"
}

/// How often an element stands in a page.
func count(_ element: String, in page: String) -> Int { Reading(String(page.dropFirst(16))).counts[element] ?? 0 }

/// What Foundation's parser says.
private final class Reading: NSObject, XMLParserDelegate {
  private(set) var counts: [String: Int] = [:]
  private(set) var fault: String?

  init(_ text: String) {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    // Its result does not tell of elements that are left open.
    let isParsed = parser.parse()
    guard !isParsed || parser.parserError != nil else { return }
    fault = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "no reason")"
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) { counts[name, default: 0] += 1 }
}
