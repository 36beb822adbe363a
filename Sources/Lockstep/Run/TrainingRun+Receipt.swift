import Checkpoints
import Tensors
import Training

extension Evaluation {
  /// Loss and scores by name, as checkpoints and receipts have them.
  var named: [String: Double] {
    Dictionary(
      uniqueKeysWithValues: metrics.map { ("\(data) \($0.name)", $0.value) }
        + outputs.flatMap { output, metrics in metrics.map { ("\(data) \($0.name) of \(output)", $0.value) } })
  }
}

extension TrainingRun {
  /// The chain from the raw data to what was measured last.
  func receipt() throws -> Receipt {
    var receipt = Receipt()
    for link in try configuration.data.links(seed: configuration.seed) {
      receipt.add(link.name, output: link.output, inputs: link.inputs)
    }
    receipt.add("samples", output: "checksum:" + RunRecord.text(ofChecksum: trainingChecksum))
    if let startRecord {
      receipt.add(Receipt.startLink, output: startRecord.digest, inputs: [startRecord.text])
    }
    if let teacher { receipt.add(Receipt.teacherLink, output: teacher.weights) }
    receipt.add(
      "weights", settings: configuration.weightSettings,
      output: digest.description)
    receipt.add("metrics", output: Receipt.digest(of: [summary.evaluation, summary.held].compactMap { $0 }))
    return receipt
  }
}
