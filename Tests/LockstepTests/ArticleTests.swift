import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// README and the articles say what is there: their code is code that is built and tested, their links lead somewhere.
@Suite struct ArticleTests {
  private static let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
  private static let catalogue = "Sources/Lockstep/Lockstep.docc"

  /// A page, by its path from the top.
  private struct Page {
    let path: String
    let lines: [Substring]

    init(_ path: String) throws {
      self.path = path
      lines = try ArticleTests.text(path).split(separator: "\n", omittingEmptySubsequences: false)
    }

    var text: String { lines.joined(separator: "\n") }
    var name: String { String(path.split(separator: "/").last!.dropLast(3)) }

    /// Each fenced block: its language, the file that a comment says it is from, and its lines.
    var blocks: [(language: Substring, source: Substring?, lines: [Substring])] {
      var found: [(language: Substring, source: Substring?, lines: [Substring])] = []
      var (source, isInside) = (Substring?.none, false)
      for line in lines {
        if line.hasPrefix("```") {
          if !isInside { found.append((line.dropFirst(3), source, [])) }
          (source, isInside) = (nil, !isInside)
        } else if isInside {
          found[found.count - 1].lines.append(line)
        } else if let comment = line.wholeMatch(of: #/<!-- from (\S+) -->/#) {
          source = comment.1
        } else if !line.isEmpty {
          source = nil
        }
      }
      return found
    }

    /// Where links lead; those of code are none.
    var links: [Substring] {
      var prose: [Substring] = []
      var isInside = false
      for line in lines {
        if line.hasPrefix("```") { isInside.toggle() } else if !isInside { prose.append(line) }
      }
      return prose.joined(separator: "\n").matches(of: #/\]\(([^)\s]+)\)/#).map(\.1)
    }

    /// What `#…` in a link may name: headings in lower case, with dashes for blanks.
    var anchors: [String] {
      lines.filter { $0.hasPrefix("#") }.map { heading in
        let words = heading.drop { $0 == "#" }.lowercased().filter { $0.isLetter || $0.isNumber || " -".contains($0) }
        return words.split(separator: " ").joined(separator: "-")
      }
    }
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private let readme: Page
  private let articles: [Page]
  private var pages: [Page] { [readme] + articles }

  init() throws {
    readme = try Page("README.md")
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: Self.catalogue).path)
    articles = try files.filter { $0.hasSuffix(".md") }.sorted().map { try Page("\(Self.catalogue)/\($0)") }
  }

  private func article(_ name: String) throws -> Page { try #require(articles.first { $0.name == name }, "\(name)") }

  @Test func readmeIsShort() {
    #expect(readme.lines.count - 1 <= 150)
    #expect(articles.count > 25)
  }

  /// `<!-- from FILE -->` stands before a block whose lines follow each other in that file, indented by as much or less.
  @Test func snippetsAreTestedCode() throws {
    var count = 0
    for page in pages {
      for block in page.blocks where block.language == "swift" {
        let source = try #require(
          block.source, "\(page.path): a block of Swift from no file: \(block.lines.first ?? "")")
        count += 1
        let file = try Page(String(source)).lines
        let starts = file.indices.dropLast(block.lines.count - 1)
        let found = starts.contains { start in
          let part = file[start..<start + block.lines.count]
          let indent = part.first!.prefix { $0 == " " }.count - block.lines[0].prefix { $0 == " " }.count
          return zip(part, block.lines).allSatisfy { own, shown in
            own.isEmpty || indent < 0
              ? own == shown : own.prefix(indent).allSatisfy { $0 == " " } && own.dropFirst(indent) == shown
          }
        }
        #expect(found, "\(page.path): not in \(source):\n\(block.lines.joined(separator: "\n"))")
      }
    }
    #expect(count > 20)
  }

  /// Whole configurations are read, but for those with kinds that a program brings along.
  @Test func configurationsAreTaken() throws {
    var count = 0
    for page in pages where !page.name.hasPrefix("Add-a") {
      for block in page.blocks where block.language == "yaml" {
        let keys = block.lines.map { $0.prefix { $0 != ":" } }
        guard keys.contains("data"), keys.contains("model") else { continue }
        count += 1
        let text = block.lines.joined(separator: "\n")
        #expect(throws: Never.self, "\(page.path):\n\(text)") { _ = try configuration(text) }
      }
    }
    #expect(count >= 4)
  }

  @Test func linksLeadSomewhere() throws {
    var count = 0
    for page in pages {
      let folder = Self.root.appending(path: page.path).deletingLastPathComponent()
      for link in page.links where !link.contains("://") {
        count += 1
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let target = parts[0].isEmpty ? Self.root.appending(path: page.path) : folder.appending(path: parts[0])
        let path = target.standardized.path
        #expect(FileManager.default.fileExists(atPath: path), "\(page.path): \(link)")
        guard parts.count > 1 else { continue }
        let other = try #require(
          pages.first { Self.root.appending(path: $0.path).path == path }, "\(page.path): \(link)")
        #expect(other.anchors.contains(String(parts[1])), "\(page.path): \(link), of \(other.anchors)")
      }
      for reference in page.text.matches(of: #/<doc:([^>]+)>/#) {
        #expect(articles.contains { $0.name == reference.1 }, "\(page.path): \(reference.0)")
      }
    }
    #expect(count > 80)
  }

  /// By a link for the web and by one for DocC; and what the manual tells is reached from README as well.
  @Test func allArticlesAreListed() throws {
    let landing = try article("Lockstep")
    for article in articles where article.name != "Lockstep" {
      #expect(landing.text.contains("- <doc:\(article.name)>\n"), "\(article.name)")
      #expect(
        article.lines[0].hasPrefix("# ") && article.lines.contains("## Overview") || article.name.hasPrefix("Decision"))
      let isReached = landing.links.contains("\(article.name).md") || article.name.hasPrefix("Decision")
      #expect(isReached, "\(article.name)")
    }
    for link in landing.links where !["Add-", "Decision", "Differences"].contains(where: link.hasPrefix) {
      #expect(readme.links.contains { $0.hasSuffix("/\(link)") }, "\(link)")
    }
  }

  /// The blocks of the article are what `lockstep kinds` prints. In a process of its own, where no test has added kinds.
  @Test func settingsAndKindsAreTold() async {
    await #expect(processExitsWith: .success) {
      let article = try ArticleTests().article("Settings-and-kinds")
      let text = try Kinds().text
      let told = article.blocks.map { $0.lines.joined(separator: "\n") + "\n" }.joined(separator: "\n")
      let (found, expected) = (lines(told), lines(text))
      let place = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      let difference = place.map { "line \($0): expected \(expected[$0]), found \(found[$0])" } ?? "other ends"
      #expect(told == text, "\(difference); paste what lockstep kinds prints")
    }
  }

  /// Keys at the top of a configuration, and scores, have their words in the article that explains them.
  @Test func configurationExplainsEveryKey() throws {
    let texts = try ["Configuration", "Clusters", "Failures", "Reproducibility"].map { try article($0).text }.joined()
    for setting in try Kinds().settings where !setting.key.contains(".") {
      let isTold = [":", "`"].contains { texts.contains("\(setting.key)\($0)") }
      #expect(isTold, "\(setting.key)")
    }
    for metric in metricKinds.names { #expect(texts.contains(metric), "\(metric)") }
  }

  /// The table of the house has the floors that `FloorsTests` holds the package to.
  @Test func theHouseIsAsItIs() throws {
    let test = try Self.text("Tests/FloorsTests/FloorsTests.swift")
    let begin = try #require(test.firstRange(of: "let floors: [[String]] = [\n")).upperBound
    let floors = test[begin...].prefix(upTo: try #require(test[begin...].firstRange(of: "\n  ]")).lowerBound)
      .matches(of: #/\[([^\]]*)\]/#).map { $0.1.matches(of: #/"(\w+)"/#).map(\.1) }
    let rows = readme.lines.compactMap { $0.firstMatch(of: #/^\| \d \| ([^|]*) \|/#)?.1 }
    #expect(rows.map { $0.matches(of: #/`(\w+)`/#).map(\.1) } == floors)
    #expect(floors.count > 6)
  }
}
