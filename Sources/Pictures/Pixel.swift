import CKernels

/// A number of a pixel: a byte, or two of them.
protocol Pixel: FixedWidthInteger & UnsignedInteger & BitwiseCopyable {
  static func resizeRows(
    _ from: UnsafePointer<Self>, stride: Int, rows: Int, channels: Int, _ axis: UnsafePointer<ck_resize_axis>,
    into: UnsafeMutablePointer<Self>)
  static func resizeColumns(
    _ from: UnsafePointer<Self>, stride: Int, width: Int, _ axis: UnsafePointer<ck_resize_axis>,
    into: UnsafeMutablePointer<Self>)
  /// Overwrites floats with numbers divided by the largest there is.
  static func units(_ from: UnsafePointer<Self>, count: Int, into: UnsafeMutablePointer<Float>)
}

extension UInt8: Pixel {
  static func resizeRows(
    _ from: UnsafePointer<UInt8>, stride: Int, rows: Int, channels: Int, _ axis: UnsafePointer<ck_resize_axis>,
    into: UnsafeMutablePointer<UInt8>
  ) {
    ck_resize_rows_8(from, stride, rows, Int32(channels), axis, into)
  }

  static func resizeColumns(
    _ from: UnsafePointer<UInt8>, stride: Int, width: Int, _ axis: UnsafePointer<ck_resize_axis>,
    into: UnsafeMutablePointer<UInt8>
  ) {
    ck_resize_columns_8(from, stride, width, axis, into)
  }

  static func units(_ from: UnsafePointer<UInt8>, count: Int, into: UnsafeMutablePointer<Float>) {
    ck_units_8(from, count, into)
  }
}

extension UInt16: Pixel {
  static func resizeRows(
    _ from: UnsafePointer<UInt16>, stride: Int, rows: Int, channels: Int, _ axis: UnsafePointer<ck_resize_axis>,
    into: UnsafeMutablePointer<UInt16>
  ) {
    ck_resize_rows_16(from, stride, rows, Int32(channels), axis, into)
  }

  static func resizeColumns(
    _ from: UnsafePointer<UInt16>, stride: Int, width: Int, _ axis: UnsafePointer<ck_resize_axis>,
    into: UnsafeMutablePointer<UInt16>
  ) {
    ck_resize_columns_16(from, stride, width, axis, into)
  }

  static func units(_ from: UnsafePointer<UInt16>, count: Int, into: UnsafeMutablePointer<Float>) {
    ck_units_16(from, count, into)
  }
}
