import Datasets
import Diagnostics
import Pictures
import Preparation
import Tensors

/// A source of pictures: they are decoded as they are gathered.
package protocol PictureSource: ListedSource where Content == PictureSettings {}

extension PictureSource {
  package func samples(of part: Preparation.Part, in prepared: PreparedPictures) throws -> (Shape, Dataset.Features)? {
    guard let rows = prepared.parts[part] else { return nil }
    let samples = PackedSamples(prepared, rows, try prepared.fitted.form)
    return (samples.shape, .decoded(samples))
  }

  package func samples(
    of items: [LoosePictures.Item], _ fitted: FittedPictures, source: String
  ) throws -> (Shape, Dataset.Features) {
    let samples = LooseSamples(items, try fitted.form, source: source)
    return (samples.shape, .decoded(samples))
  }
}

/// Pictures of files or archives, decoded as they are gathered.
private final class LooseSamples: DecodedSamples {
  let shape: Shape
  var count: Int { items.count }
  private let items: [LoosePictures.Item]
  private let form: PictureForm
  private let source: String
  private let pool = ScratchPool()

  init(_ items: [LoosePictures.Item], _ form: PictureForm, source: String) {
    (self.items, self.form, self.source) = (items, form, source)
    shape = [form.height, form.width, form.channels.count]
  }

  /// Of all bytes, which are read for it.
  var checksum: UInt64 {
    var sum = Checksum()
    pool.with { scratch in
      for item in items { if let bytes = try? item.place.bytes(using: scratch.file) { sum.add(bytes) } }
    }
    return sum.value
  }

  func size(of sample: Int) -> (height: Int, width: Int) { (items[sample].height, items[sample].width) }

  func decode(_ sample: Int, window: PixelWindow?, into floats: UnsafeMutablePointer<Float>) {
    pool.with { scratch in
      do throws(PictureFault) {
        let bytes = try items[sample].place.bytes(using: scratch.file)
        try form.decode(bytes, window: window, using: scratch, into: floats)
      } catch {
        // It could be decoded a moment ago.
        OutOfMemory.end(
          Failure(.badData, at: source, error.reason, cure: "leave the pictures as they are while they are measured on")
        )
      }
    }
  }
}
