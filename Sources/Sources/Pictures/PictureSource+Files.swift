import Datasets
import Diagnostics
import Files
import Pictures
import Preparation
import Tensors

// Pictures that are not prepared: those that a model is measured on, or that it is to predict.
extension PictureSource {
  public func read(labelled file: String, targets: String?, like schema: Schema) throws -> Dataset {
    try requireNone(targets)
    let fitted = try fitted(schema)
    let pictures = try LoosePictures(file, settings, fitted, withTargets: true)
    var (places, sizes) = ([PicturePlace](), [(height: Int, width: Int)]())
    var (classes, values) = ([Int32](), [Float]())
    while let batch = try pictures.next(most: 4096, checks: true) {
      places += batch.places
      sizes += batch.sizes
      classes += batch.classes
      values += batch.values
    }
    try pictures.aside.requireFew(atMost: settings.quarantineAtMost, source: file)
    let samples = LooseSamples(places, sizes, try fitted.form, source: file)
    return Dataset(
      source: file, shape: samples.shape, features: .decoded(samples),
      targets: fitted.classes.map { .classes(classes, names: $0) } ?? .values(values, width: fitted.targets.count),
      targetNames: fitted.targets, preparation: schema.preparation)
  }

  public func batches(of file: String, rows: Int, like schema: Schema) throws -> any SampleBatches {
    try batches(of: file, rows: rows, keeping: rowNames, like: schema)
  }

  /// The picture's name is what rows are known by.
  public var rowNames: [String] { ["path"] }

  public func batches(
    of file: String, rows: Int, keeping columns: [String], like schema: Schema
  ) throws -> any SampleBatches {
    let fitted = try fitted(schema)
    let others = columns.filter { !rowNames.contains($0) }
    let pictures = try LoosePictures(file, settings, fitted, withTargets: false, keeping: others)
    return PictureBatches(pictures, file: file, rows: rows, try fitted.form, schema, columns: columns, others: others)
  }
}

/// Pictures of files or archives, decoded as they are gathered.
private final class LooseSamples: DecodedSamples {
  let shape: Shape
  var count: Int { places.count }
  private let places: [PicturePlace]
  private let sizes: [(height: Int, width: Int)]
  private let form: PictureForm
  private let source: String
  private let pool = ScratchPool()

  init(_ places: [PicturePlace], _ sizes: [(height: Int, width: Int)], _ form: PictureForm, source: String) {
    (self.places, self.sizes, self.form, self.source) = (places, sizes, form, source)
    shape = [form.height, form.width, form.channels.count]
  }

  /// Of all bytes, which are read for it.
  var checksum: UInt64 {
    var sum = Checksum()
    pool.with { scratch in
      for place in places { if let bytes = try? place.bytes(using: scratch.file) { sum.add(bytes) } }
    }
    return sum.value
  }

  func size(of sample: Int) -> (height: Int, width: Int) { sizes[sample] }

  func decode(_ sample: Int, window: PixelWindow?, into floats: UnsafeMutablePointer<Float>) {
    pool.with { scratch in
      do throws(PictureFault) {
        let bytes = try places[sample].bytes(using: scratch.file)
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

/// Pictures to be predicted, some at a time.
private final class PictureBatches: SampleBatches {
  private let pictures: LoosePictures
  private let file: String
  private let rows: Int
  private let form: PictureForm
  private let schema: Schema
  private let columns: [String]
  private let others: [String]

  init(
    _ pictures: LoosePictures, file: String, rows: Int, _ form: PictureForm, _ schema: Schema, columns: [String],
    others: [String]
  ) {
    (self.pictures, self.file, self.rows, self.form, self.schema) = (pictures, file, rows, form, schema)
    (self.columns, self.others) = (columns, others)
  }

  func next() throws -> SampleBatch? {
    guard let batch = try pictures.next(most: rows, checks: true) else { return nil }
    let samples = LooseSamples(batch.places, batch.sizes, form, source: file)
    let data =
      batch.places.isEmpty
      ? nil
      : Dataset(
        source: file, shape: samples.shape, features: .decoded(samples), targets: .none,
        preparation: schema.preparation)
    let kept = columns.map { column in
      others.firstIndex(of: column).map { batch.kept[$0] } ?? batch.names.map { Optional($0) }
    }
    return SampleBatch(data, rows: batch.count, problems: batch.problems, kept: kept)
  }

  func skip() throws -> Int { try pictures.skip(most: rows) }
}
