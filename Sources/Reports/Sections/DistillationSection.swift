import Diagnostics
import Lockstep

/// A student beside its teacher, and beside the same network that nobody taught.
struct DistillationSection {
  let distilled: Distilled?

  var markup: Markup {
    guard let distilled else { return .empty }
    var table = TableMarkup(["", "parameters"] + distilled.names.map { "\(Names.brief($0))" })
    for model in distilled.models {
      let figures = distilled.names.map { name -> Markup in
        "\(distilled.value(name, of: model).map { fixed($0, 4) } ?? "")"
      }
      table.add(["\(Names.brief(model.role))", "\(grouped(model.parameters))"] + figures)
    }
    let who = distilled.models.filter { $0.path != nil }.map { model -> Markup in
      "<li>\(Names.brief(model.role)): \(Names.brief(model.path ?? "", most: 400)), <code>\(model.weights)</code></li>"
    }
    return """
      <p>What the student has learned of its teacher's outputs, on \(grouped(distilled.rows)) rows of \
      \(Names.brief(distilled.data)):</p>
      \(table.markup)<ul>\(who.joined())</ul>
      """
  }
}
