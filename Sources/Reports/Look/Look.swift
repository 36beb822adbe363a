import Augmentations
import Diagnostics
import Lockstep

/// The page that shows training samples before and after augmentation: `lockstep look`.
///
/// ```swift
/// try Look(RunConfiguration(recipeOrFile: "run.yaml"), rows: 8).write(to: "look.html")
/// ```
/// What it shows is what training sees in that epoch: the samples of its first micro-batches, before transforms.
package struct Look {
  private let configuration: RunConfiguration
  private let looked: LookedSamples
  private let epoch: Int

  /// How many samples may be shown.
  package static let mostRows = 256

  /// The first samples of an epoch, from 0, in its order; fewer where there are fewer.
  ///
  /// Throws as training does: a bad configuration (78), missing input (66), bad data (65).
  package init(_ configuration: RunConfiguration, rows: Int = 8, epoch: Int = 0) throws {
    (self.configuration, self.epoch) = (configuration, epoch)
    looked = try LookedSamples(configuration, count: rows, epoch: epoch)
  }

  /// How many samples it shows.
  package var count: Int { looked.samples.count }

  /// The text of the file.
  package var html: String {
    let cards = looked.samples.map { SampleMarkup(looked: looked, sample: $0).card }
    let lead: Markup = """
      <h1>\(Names.markup(configuration.name, most: 80)): training samples</h1>
      <p class="headline">The first \(count) of \(grouped(looked.data.count)) \(what) in epoch \(epoch), counted from 0, before and
      after augmentation, as training sees them before transforms. Seed \(Int(clamping: configuration.seed)).</p>
      """
    var page = Page(
      title: "\(configuration.name): samples", lead: lead,
      sections: [
        Page.Section("settings", "Augmentations", settings),
        Page.Section("samples", "Samples", "<ul class=\"rows\">\(cards)</ul>\n"),
      ])
    (page.writer, page.mostBytes) = ("lockstep look", 200_000_000)
    return page.html
  }

  /// Overwrites a file.
  package func write(to path: String) throws { try html.write(toRunFile: path) }

  private var what: Markup {
    switch looked.form.content {
    case .picture: "pictures of \(looked.form.shape.description)"
    case .sequence: "sequences of \(looked.form.shape.description)"
    case .row: "rows"
    case .tokens: "windows of \(looked.form.shape.count) tokens"
    }
  }

  private var settings: Markup {
    guard !configuration.augmentations.isEmpty else {
      return "<p>None: training sees samples as they are in the data. <code>augment: […]</code> names some.</p>"
    }
    let own = configuration.settings.filter { $0.path == "augment" || $0.path.hasPrefix("augment") }
    let lines = own.map { "<code>\(Names.brief("\($0.path): \($0.text)", most: 200))</code>" as Markup }
    return "<p>\(lines.joined(by: "<br/>"))</p>"
  }
}
