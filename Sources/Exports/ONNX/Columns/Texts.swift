import Preparation

// Columns whose texts hold several words. N rows, W features.

extension SetColumn: ONNXColumn {
  /// A `RegexFullMatch` for each word: it stands between separators or ends, perhaps with white space around it.
  package func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue {
    let bytes = Array(separator.utf8)
    let overlaps = (1..<max(1, bytes.count)).contains { bytes.prefix($0).elementsEqual(bytes.suffix($0)) }
    guard !overlaps else {
      throw ONNXMisfit(
        "separator: '\(separator)' has no form in ONNX, as it may overlap itself",
        cure: "use another one, and train again")
    }
    let (space, edge) = (#"[\s\v\x{85}\p{Z}]*"#, Self.quoted(separator))
    let matches = (fitted.words["terms"] ?? []).map { word in
      let pattern = "(?s)(?:.*\(edge))?\(space)\(Self.quoted(word))\(space)(?:\(edge).*)?"
      return graph.column(graph.add("RegexFullMatch", x, with: ["pattern": .text(pattern)]))
    }
    let all = graph.cast(graph.add("Concat", all: matches, with: ["axis": .int(1)]), to: .float32)
    guard !missing.isEmpty else { return all }
    let isThere = graph.places(x, of: [], missing: missing, at: 0, else: 1)
    return graph.add("Mul", all, graph.column(graph.cast(isThere, to: .float32)))
  }

  /// What matches a text and nothing else.
  private static func quoted(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { pattern, scalar in
      let isPlain = !scalar.isASCII || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      pattern += isPlain ? String(scalar) : "\\x{\(String(scalar.value, radix: 16))}"
    }
  }
}

extension TextColumn: ONNXColumn {
  /// `Tokenizer`, an operator of onnxruntime's own, takes a text apart; `TfIdfVectorizer` counts its terms. Weights come in double
  /// precision, and squares are added up from the first term on.
  ///
  /// Units are found by regular expressions, and letters lowered one by one, as `TextUnits` has them.
  package func append(
    to graph: ONNXGraph, _ x: ONNXValue, fitted: FittedColumn, missing: [String]
  ) throws -> ONNXValue {
    guard buckets == nil else {
      throw ONNXMisfit(
        "expected terms that are learned, found buckets, whose hash no operator computes",
        cure: "leave buckets out, and train again")
    }
    graph.noteYoungCharacters(of: fitted.words["terms"] ?? [])
    var counts = graph.counts(of: fitted.words["terms"] ?? [], in: lowercased(x, in: graph), unit)
    if !missing.isEmpty {
      let isThere = graph.places(x, of: [], missing: missing, at: 0, else: 1)
      counts = graph.add("Mul", counts, graph.column(graph.cast(isThere, to: .float32)))
    }
    switch weights {
    case .counts: return counts
    case .presence: return graph.cast(graph.add("Greater", counts, graph.single(0)), to: .float32)
    case .tfidf:
      let idf = fitted.numbers["idf"] ?? []
      let weighted = graph.add("Mul", graph.cast(counts, to: .float64), graph.numbers(idf))
      let sums = graph.add("CumSum", graph.add("Mul", weighted, weighted), graph.whole(1))
      let length = graph.add("Sqrt", graph.slice(sums, idf.count - 1..<idf.count, axis: 1))
      let isEmpty = graph.add("Equal", length, graph.number(0))
      return graph.cast(
        graph.choose(isEmpty, graph.number(0), else: graph.add("Div", weighted, length)), to: .float32)
    }
  }

  private func lowercased(_ x: ONNXValue, in graph: ONNXGraph) -> ONNXValue {
    graph.add("StringNormalizer", x, with: ["case_change_action": .text("LOWER"), "locale": .text("C.UTF-8")])
  }
}

extension ONNXGraph {
  /// Says which characters of terms a reader's tables may lack, so that it cuts or lowers them otherwise.
  fileprivate func noteYoungCharacters(of terms: [String]) {
    let young = youngCharacters(of: terms)
    guard !young.isEmpty else { return }
    let codes = young.prefix(10).map { "U+\(String($0.value, radix: 16, uppercase: true))" }.joined(separator: " ")
    let more = young.count > 10 ? " and \(young.count - 10) more" : ""
    notes.append(
      "column '\(place)': characters younger than Unicode 14 (\(codes)\(more)) may make other terms elsewhere")
  }

  /// How often terms, of one or several units each, are in texts: `[N, W]` in single precision.
  fileprivate func counts(of terms: [String], in texts: ONNXValue, _ unit: TextColumn.Unit) -> ONNXValue {
    let units = terms.map { term -> [String] in
      switch unit {
      // By scalars: a mark behind a blank is one with it to Swift.
      case .words: term.unicodeScalars.split(separator: " ").map { String($0) }
      case .characters: term.unicodeScalars.map { String($0) }
      }
    }
    let tokens = add(
      "Tokenizer", of: .onnxruntime, texts,
      with: [
        "tokenexp": .text(unit == .words ? #"[\p{L}\p{N}\p{M}]+"# : "(?s)."), "pad_value": .text(""),
        "mark": .int(0), "mincharnum": .int(1),
      ])
    // The terms of one unit, then those of two, and so on.
    let longest = units.map(\.count).max() ?? 1
    let places = (1...longest).map { length in units.indices.filter { units[$0].count == length } }
    var starts = [0]
    for (length, own) in places.enumerated().dropLast() { starts.append(starts.last! + (length + 1) * own.count) }
    let shortest = units.map(\.count).min() ?? 1
    return add(
      "TfIdfVectorizer", tokens,
      with: [
        "mode": .text("TF"), "min_gram_length": .int(shortest), "max_gram_length": .int(longest),
        "max_skip_count": .int(0), "ngram_counts": .ints(starts), "ngram_indexes": .ints(places.flatMap { $0 }),
        "pool_strings": .texts(places.flatMap { $0.flatMap { units[$0] } }),
      ])
  }
}
