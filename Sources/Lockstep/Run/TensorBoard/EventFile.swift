import Diagnostics
import Files
import Foundation
import SwiftProtobuf

/// A file of events for TensorBoard: records of a length (8 bytes, little-endian), its checksum (4), a message, and the message's
/// checksum (4), as TensorFlow's `RecordWriter` writes them.
final class EventFile {
  private let path: String
  private var descriptor: Int32

  private static let cure = "free some space, or leave the observer out"

  /// Opens the file, or makes it. What is there of steps behind `last` goes, and what a killed process has left half, so that a run that
  /// goes on from there writes each step once.
  init(_ path: String, keepingThrough last: Int) throws {
    self.path = path
    descriptor = -1
    try requireOwnFile(path)
    var kept = Self.events(in: [UInt8](FileManager.default.contents(atPath: path) ?? Data())).filter {
      if case .fileVersion = $0.what { false } else { $0.step <= Int64(last) }
    }
    kept.insert(.with { ($0.wallTime, $0.fileVersion) = (kept.first?.wallTime ?? Self.now, "brain.Event:2") }, at: 0)
    let file = try OutputFile(path)
    for event in kept { try file.write(contentsOf: Self.record(event)) }
    try file.finish()
    descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.system("open", path, errno: errno, cure: Self.cure) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Seconds since 1970.
  private static var now: Double { Date().timeIntervalSince1970 }

  /// Adds scalars of a step, by their tags. Whoever reads meanwhile sees the record whole, or not yet.
  func append(_ scalars: [(tag: String, value: Double)], step: Int) throws {
    let event = Tensorboard_Event.with {
      ($0.wallTime, $0.step) = (Self.now, Int64(step))
      $0.summary.value = scalars.map { scalar in
        .with { ($0.tag, $0.simpleValue) = (scalar.tag, Float(scalar.value)) }
      }
    }
    try writeAll(Self.record(event), to: descriptor, path)
  }

  private static func record(_ event: Tensorboard_Event) -> [UInt8] {
    // Nothing in it can be missing.
    let message: [UInt8] = try! event.serializedBytes()
    let length = bytes(UInt64(message.count))
    return length + bytes(CRC32C.masked(length)) + message + bytes(CRC32C.masked(message))
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  /// The whole and undamaged events that a file begins with.
  static func events(in file: [UInt8]) -> [Tensorboard_Event] {
    var (events, place): ([Tensorboard_Event], Int) = ([], 0)
    func number<Number: FixedWidthInteger>(_ place: Int, _: Number.Type) -> Number {
      (0..<MemoryLayout<Number>.size).reduce(0) { $0 | Number(truncatingIfNeeded: file[place + $1]) << (8 * $1) }
    }
    while file.count - place >= 16 {
      let length = number(place, UInt64.self)
      guard number(place + 8, UInt32.self) == CRC32C.masked(file[place..<place + 8]),
        length <= UInt64(file.count - place - 16)
      else { break }
      let message = file[place + 12..<place + 12 + Int(length)]
      guard number(message.endIndex, UInt32.self) == CRC32C.masked(message),
        let event = try? Tensorboard_Event(serializedBytes: Array(message))
      else { break }
      events.append(event)
      place = message.endIndex + 4
    }
    return events
  }
}
