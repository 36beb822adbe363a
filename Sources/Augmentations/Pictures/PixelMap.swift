import CKernels
import Datasets
import Tensors

/// Where the pixels of a picture come from: (column, row) of the new one at (a j + b i + c, d j + e i + f) of the old.
struct PixelMap {
  private let numbers: (Double, Double, Double, Double, Double, Double)

  init(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double) { numbers = (a, b, c, d, e, f) }

  /// Turns a picture by `angle` degrees clockwise, shears it by two angles, scales it and moves it by pixels to the right and down,
  /// about its middle, or its upper left corner: the inverse of translate · rotate · shear · scale, as torchvision's.
  init(
    _ form: SampleForm, angle: Double = 0, right: Double = 0, down: Double = 0, scale: Double = 1,
    shear: (x: Double, y: Double) = (0, 0), aboutCorner: Bool = false
  ) {
    var (sinX, cosX, sinY, cosY, sine, cosine) = (0.0, 1.0, 0.0, 1.0, 0.0, 1.0)
    ck_sine_cosine(shear.x, &sinX, &cosX)
    ck_sine_cosine(shear.y, &sinY, &cosY)
    ck_sine_cosine(angle - shear.y, &sine, &cosine)
    var (sinA, cosA) = (0.0, 1.0)
    ck_sine_cosine(angle, &sinA, &cosA)
    let (a, c) = (cosine / cosY, sine / cosY)
    let (b, d) = (-a * (sinX / cosX) - sinA, -c * (sinX / cosX) + cosA)
    let (m0, m1, m3, m4) = (d / scale, -b / scale, -c / scale, a / scale)
    // The middle between the first pixel's middle and the last one's; or a corner of the first pixel.
    let (x, y) = aboutCorner ? (-0.5, -0.5) : (Double(form.width - 1) / 2, Double(form.height - 1) / 2)
    numbers = (
      m0, m1, x - m0 * (x + right) - m1 * (y + down), m3, m4, y - m3 * (x + right) - m4 * (y + down)
    )
  }

  /// Overwrites `picture` with what is there of `old`, bilinearly; `edge` says what is outside of the window.
  func resample(
    _ old: FloatView, into picture: FloatView, _ form: SampleForm, of window: PixelWindow? = nil,
    edge: Int32 = Int32(CK_EDGE_FILL), fill: Float
  ) {
    let (top, left) = (window?.top ?? 0, window?.left ?? 0)
    let (height, width) = (window?.height ?? form.height, window?.width ?? form.width)
    withUnsafeBytes(of: numbers) { numbers in
      ck_resample_picture(
        picture.base, old.base, form.height, form.width, form.channels,
        numbers.baseAddress!.assumingMemoryBound(to: Double.self), top, left, height, width, edge, fill)
    }
  }

  /// The same in place.
  func resample(_ picture: FloatView, _ form: SampleForm, fill: Float, scratch: FloatView) {
    scratch[0..<picture.count].assign(picture)
    resample(scratch, into: picture, form, fill: fill)
  }
}
