import Augmentations
import Diagnostics
import Tensors

/// A sample as a person looks at it: a picture, the columns of a row, a text; with its class, and what was drawn for it.
struct SampleMarkup {
  let looked: LookedSamples
  let sample: LookedSamples.Sample

  /// Cells, and tokens, that are shown of a sample.
  private static let most = 200

  var card: Markup {
    "<li><p><span class=\"sub\">sample \(grouped(sample.place + 1))</span> \(target)</p>\n\(content)\(drawn)</li>\n"
  }

  private var target: Markup {
    let names = looked.data.classNames ?? []
    func name(_ place: Int) -> Markup? {
      switch looked.data.targets {
      case .classes(let classes, _): Names.markup(names[Int(classes[place])], most: 40)
      case .mappedClasses(let classes, _): Names.markup(names[Int(classes[place])], most: 40)
      case .values(let values, let width):
        "\(values[place * width..<(place + 1) * width].prefix(4).map(Self.short).joined(separator: ", "))"
      case .mappedValues(let values, let width):
        "\((0..<min(4, width)).map { Self.short(values[place * width + $0]) }.joined(separator: ", "))"
      case .following, .none: nil
      }
    }
    guard let own = name(sample.place) else { return "" }
    guard let (other, share) = sample.mixture, let second = name(other) else { return "<b>\(own)</b>" }
    return
      "<b>\(Self.percent(share)) \(own) + \(Self.percent(1 - share)) \(second)</b> (of sample \(grouped(other + 1)))"
  }

  private var content: Markup {
    switch looked.form.content {
    case .picture, .sequence:
      "<div class=\"pair\">\(picture(sample.before, "before"))\(picture(sample.after, "after"))</div>\n"
    case .row: cells
    case .tokens: texts
    }
  }

  // MARK: Pictures

  private func picture(_ floats: [Float], _ caption: String) -> Markup {
    // A sequence after augmentation is shown by the levels of the one before.
    let levels = SamplePicture.levels(of: sample.before)
    guard let picture = SamplePicture(floats, looked.form, levels: levels) else { return "" }
    return """
      <figure><img src="\(picture.png.link)" alt="\(caption)" width="\(min(picture.width(about: 160), 320))"/>\
      <figcaption>\(caption)</figcaption></figure>
      """
  }

  // MARK: Rows and texts

  /// Each column, changed ones with what they were, and first of all where not all are shown.
  private var cells: Markup {
    let names = looked.data.featureNames
    let changed = sample.before.indices.filter { sample.before[$0] != sample.after[$0] }
    var places = Array(sample.before.indices)
    if places.count > Self.most {
      places = (changed + places.filter { sample.before[$0] == sample.after[$0] }).prefix(Self.most).sorted()
    }
    let cells = places.map { place -> Markup in
      let name = Names.markup(names?[place] ?? "\(place + 1)", most: 30)
      let (old, new) = (Self.short(sample.before[place]), Self.short(sample.after[place]))
      let value: Markup =
        sample.before[place] == sample.after[place]
        ? "\(old)" : "<s>\(old)</s> <span class=\"differs\">\(new)</span>"
      return "<span class=\"cell\"><span class=\"kind\">\(name)</span> \(value)</span> "
    }
    let rest: Markup =
      places.count < sample.before.count
      ? "<p class=\"note\">\(places.count) of \(grouped(sample.before.count)) columns.</p>" : ""
    return "<div class=\"cells\">\(cells)</div>\(rest)\n"
  }

  private var texts: Markup {
    // Of texts classes are tokens; of a table's they are what is predicted.
    let names = (looked.data.isText ? looked.data.classNames : looked.data.ends.tokens?.names) ?? []
    func token(_ number: Float) -> String {
      let place = Int(number)
      return names.indices.contains(place) ? names[place] : "?"
    }
    func text(_ tokens: [Float], marking other: [Float]?) -> Markup {
      let shown = tokens.indices.prefix(Self.most)
      return shown.map { place -> Markup in
        let isMarked = other.map { $0[place] != tokens[place] } ?? false
        return isMarked ? "<span class=\"differs\">\(token(tokens[place]))</span>" : "\(token(tokens[place]))"
      }.joined() + (tokens.count > shown.count ? "…" : "")
    }
    return """
      <p class="sub">before</p><pre class="text">\(text(sample.before, marking: nil))</pre>
      <p class="sub">after</p><pre class="text">\(text(sample.after, marking: sample.before))</pre>

      """
  }

  // MARK: What was drawn

  private var drawn: Markup {
    let lines = sample.drawn.map { entry -> Markup in
      let values = entry.values.map { name, value in value.map { "\(name) \(Self.short(Float($0)))" } ?? name }
      return "\(entry.kind): \(values.isEmpty ? "left as it is" : values.joined(separator: ", "))"
    }
    return lines.isEmpty ? "" : "<p class=\"note\">\(lines.joined(by: "<br/>"))</p>\n"
  }

  private static func short(_ value: Float) -> String { ReportedFigure.short(Double(value), digits: 3) }
  private static func percent(_ share: Float) -> String { "\(ReportedFigure.text(100 * Double(share), decimals: 0)) %" }
}
