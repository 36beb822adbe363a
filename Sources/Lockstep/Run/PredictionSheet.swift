import Writers

/// The file that predictions are written to, by rank zero alone: it is opened when the first of them are there.
final class PredictionSheet {
  private let path: String
  private let kind: any PredictionWriter.Type
  private let form: PredictionForm
  /// What makes the bytes of rows on any rank; nil: rows are handed to the writer as they are.
  let lines: (any PredictionLines)?
  private var open: (file: OutputFile, writer: any PredictionWriter)?

  /// A block of rows, as it came from a rank.
  enum Block {
    case predictions(Predictions)
    /// As `bytes(of:)` gave them.
    case bytes(ArraySlice<UInt8>)
  }

  init(_ path: String, _ kind: any PredictionWriter.Type, _ form: PredictionForm) {
    (self.path, self.kind, self.form, lines) = (path, kind, form, kind.lines(form))
  }

  /// Predictions as bytes, to be sent: lines of the file, or what they are.
  func bytes(of predictions: Predictions) -> [UInt8] { lines?.bytes(of: predictions) ?? predictions.encoded }

  /// Writes blocks, in their order.
  func write(_ blocks: [Block]) throws {
    guard !blocks.isEmpty else { return }
    try begin()
    for block in blocks {
      switch block {
      case .predictions(let predictions): try open!.writer.write(predictions)
      case .bytes(let bytes) where lines != nil: try open!.file.write(contentsOf: bytes)
      case .bytes(let bytes): try open!.writer.write(bytes.withUnsafeBytes { Predictions(encoded: $0) })
      }
    }
  }

  private func begin() throws {
    guard open == nil else { return }
    let file = try OutputFile(path)
    open = (file, try kind.init(form, into: file))
  }

  /// Ends the file, of no rows too; it has its name then.
  func finish() throws {
    try begin()
    try open!.writer.finish()
    try open!.file.finish()
  }
}
