import Sources
import Tensors

/// Rows of an input with what a network gives for them.
struct PredictedRows {
  /// N×O, of the N rows without a problem.
  let outputs: FlatBuffer
  let count: Int
  /// By row: why it cannot be predicted.
  let problems: [Int: String]
  /// What the columns that are kept hold, a text for each row.
  let kept: [[String?]]
  /// All of them.
  var rows: Int { count + problems.count }

  init(_ batch: SampleBatch, _ outputs: FlatBuffer) {
    (self.outputs, count, problems, kept) = (outputs, batch.samples?.count ?? 0, batch.problems, batch.kept)
  }

  private init(_ outputs: FlatBuffer, _ count: Int, _ problems: [Int: String], _ kept: [[String?]]) {
    (self.outputs, self.count, self.problems, self.kept) = (outputs, count, problems, kept)
  }

  /// A row for each file in the place of those of its clips: of `width` outputs their means, summed in double precision, in the order of
  /// the clips.
  ///
  /// - Parameter files: of each row, ascending; the rows of a file are not divided over several of these.
  func perFile(_ files: [Int]?, width: Int) -> PredictedRows {
    guard let files else { return self }
    let starts = files.indices.filter { $0 == 0 || files[$0] != files[$0 - 1] }
    let means = FlatBuffer(count: (starts.count - problems.count) * width)
    var (sample, found, faults) = (0, 0, [Int: String]())
    for (file, start) in starts.enumerated() {
      // A file with a problem has one row.
      if let problem = problems[start] {
        faults[file] = problem
        continue
      }
      let clips = (file + 1 < starts.count ? starts[file + 1] : files.count) - start
      for output in 0..<width {
        let sum = (sample..<sample + clips).reduce(0.0) { $0 + Double(outputs.view[$1 * width + output]) }
        means.view[found * width + output] = Float(sum / Double(clips))
      }
      (sample, found) = (sample + clips, found + 1)
    }
    return PredictedRows(means, found, faults, kept.map { column in starts.map { column[$0] } })
  }
}
