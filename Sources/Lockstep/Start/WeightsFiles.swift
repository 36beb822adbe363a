import Checkpoints
import Diagnostics
import Exports
import Files
import Foundation
import Tensors

/// Files of tensors by their endings, and what a run may start from.
package enum WeightsFiles {
  /// Endings of files that hold tensors, with what reads them.
  private static let endings: [(ending: String, origin: StartSettings.Origin)] = [
    (".safetensors", .safetensors), (".pth", .pytorch), (".pt", .pytorch), (".bin", .pytorch), (".ckpt", .pytorch),
    (".onnx", .onnx),
  ]

  /// What reads a file, by the ending of its name; nil for other endings.
  package static func origin(of path: String) -> StartSettings.Origin? {
    endings.first { path.lowercased().hasSuffix($0.ending) }?.origin
  }

  /// Opens a file of tensors, or those of a checkpoint.
  package static func open(_ path: String, as origin: StartSettings.Origin) throws -> any WeightsFile {
    switch origin {
    case .safetensors: return try SafeTensorsFile(path)
    case .pytorch: return try PyTorchFile(path)
    case .onnx: return try ONNXWeightsFile(path)
    case .checkpoint:
      let (checkpoint, passedOver) = try Checkpoint.load(path)
      // Another state of a run is other weights: nobody should start from it without knowing.
      if let damaged = passedOver.first {
        throw Failure(
          .badData, at: path, "expected whole checkpoints, found the newest one damaged: \(damaged.reason)",
          cure: "name the one that is meant: \(checkpoint.path)")
      }
      guard checkpoint.record.hasStoredOrder else {
        throw Failure(
          .badData, at: checkpoint.path, "expected a checkpoint of format 2 or newer, found an older one",
          cure: "resume its run for a step with this version, which writes a newer one")
      }
      return try SafeTensorsFile(checkpoint.weightsPath)
    }
  }
}

extension Checkpoint {
  /// The file that predictions are computed with: the average of the parameters, where the run kept one.
  var weightsPath: String {
    let average = "\(path)/ema.safetensors"
    return record.files["ema.safetensors"] != nil ? average : "\(path)/model.safetensors"
  }
}
