import Datasets
import Diagnostics
import Pictures
import Preparation
import Tensors

/// The pictures of a part, which are decoded out of their shards.
final class PackedSamples: DecodedSamples {
  let count: Int
  let shape: Shape
  let checksum: UInt64
  private let prepared: PreparedPictures
  private let rows: KeptParts.Rows
  private let form: PictureForm
  private let pool = ScratchPool()

  init(_ prepared: PreparedPictures, _ rows: KeptParts.Rows, _ form: PictureForm) {
    (self.prepared, self.rows, self.form) = (prepared, rows, form)
    (count, shape) = (rows.count, [form.height, form.width, form.channels.count])
    var sum = Checksum()
    for text in [prepared.summary.prepared, prepared.fittedText] { sum.add(Array(text.utf8)) }
    // Of which part they are.
    rows.places.forEachBlock { sum.add(UnsafeRawBufferPointer($1)) }
    checksum = sum.value
  }

  func size(of sample: Int) -> (height: Int, width: Int) { prepared.shards.size(of: place(sample)) }

  private func place(_ sample: Int) -> Int { Int(rows.places[2 * sample]) }

  func decode(_ sample: Int, window: PixelWindow?, into floats: UnsafeMutablePointer<Float>) {
    let place = place(sample)
    // It could be decoded when it was prepared; a file that has changed since ends the process, as nobody up there can go on.
    guard let bytes = prepared.shards.bytes(of: place) else { OutOfMemory.end(prepared.shards.damage(place)) }
    pool.with { scratch in
      do throws(PictureFault) {
        try form.decode(bytes, window: window, using: scratch, into: floats)
      } catch {
        OutOfMemory.end(Failure(.badData, at: prepared.directory, error.reason, cure: "prepare the pictures once more"))
      }
    }
  }
}
