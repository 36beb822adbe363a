/// The candidate with the smallest edit distance to `word`, when it is near enough to be a slip of the pen; else the only
/// one that `word` is short for (`conv` for convolution), or that it spells out (`batch-size` for batch).
///
/// Near enough: at most a third of the longer word's letters changed, at least one allowed, but never all of them.
/// Nobody mistypes words of more than `longestWord` bytes, which would take time and memory by their square.
package func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
  guard word.utf8.count <= longestWord else { return nil }
  let candidates = candidates.filter { $0.utf8.count <= longestWord }
  let slip =
    candidates
    .map { (candidate: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
    .filter { nearby in
      let longer = max(nearby.candidate.count, word.count)
      return nearby.distance <= max(1, longer / 3) && (nearby.distance < longer || longer == 0)
    }
    .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
    .candidate
  let word = word.lowercased().replacing("_", with: "-")
  let related = candidates.filter {
    $0.count >= 3 && word.hasPrefix("\($0)-") || word.count >= 3 && $0.hasPrefix(word)
  }
  return slip ?? (related.count == 1 ? related[0] : nil)
}

private let longestWord = 256

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
///
/// Damerau and Levenshtein's distance, in the form that edits no part of the text twice.
func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a), b = Array(b)
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var distance = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), row[j] + 1, rows[i][j + 1] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { distance = min(distance, rows[i - 1][j - 1] + 1) }
      row.append(distance)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
