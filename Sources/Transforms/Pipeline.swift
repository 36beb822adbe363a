import Datasets
import Diagnostics
import Tensors

/// Transforms one after the other, each fitted on what those before it make of the training data.
public struct Pipeline: Sendable {
  package let transforms: [any Transform]

  /// One after the other.
  public init(_ transforms: [any Transform]) { self.transforms = transforms }

  package var isEmpty: Bool { transforms.isEmpty }

  /// Whether columns in double precision are of use: to the first of them alone, as it leaves single ones behind.
  package var readsWideColumns: Bool { transforms.first?.readsWideColumns ?? false }

  /// All of them fitted.
  public func fitted(on training: Dataset) throws -> [any FittedTransform] {
    var (fitted, data) = ([any FittedTransform](), training)
    for (place, transform) in transforms.enumerated() {
      fitted.append(try transform.fitted(on: data))
      if place + 1 < transforms.count { data = try training.transformed(by: fitted).gathered() }
    }
    return fitted
  }

  /// The names of the files that their arrays are kept in: the kind, and a number from the second of a kind on.
  package var fileNames: [String] {
    transforms.indices.map { place in
      let earlier = transforms[..<place].count { $0.kind == transforms[place].kind }
      return transforms[place].kind + (earlier == 0 ? "" : "-\(earlier + 1)") + ".safetensors"
    }
  }
}
