import Tensors

/// Samples that are decoded as they are gathered, as pictures that stay compressed in memory or in files.
///
/// A sample is H×W×C, the channels last. Several threads decode at the same time. The same floats on every host.
public protocol DecodedSamples: Sendable {
  /// How many there are.
  var count: Int { get }
  /// H×W×C of a sample, after resizing.
  var shape: Shape { get }
  /// A number that differs where samples do, as that of a digest of what they are decoded from.
  var checksum: UInt64 { get }

  /// Height and width of what a sample is decoded from, in pixels.
  func size(of sample: Int) -> (height: Int, width: Int)

  /// Overwrites `floats` (H×W×C, each in 0...1) with a sample: a window of its picture, resized to H×W.
  ///
  /// - Parameter window: nil: as the source's settings say, mostly the whole picture. One that does not lie in the picture is a
  ///   programmer's mistake.
  ///
  /// Training steps call it: what it needs beside is kept a thread.
  func decode(_ sample: Int, window: PixelWindow?, into floats: UnsafeMutablePointer<Float>)
}
