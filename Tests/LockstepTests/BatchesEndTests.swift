import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Samples are read ahead, and no longer than somebody wants them.
@Suite struct BatchesEndTests {
  /// Batches without end, or of some rows.
  private final class Batches: SampleBatches {
    private var left: Int
    init(_ count: Int) { left = count }

    func next() throws -> SampleBatch? {
      guard left > 0 else { return nil }
      left -= 1
      return SampleBatch(nil, rows: 1, problems: [0: "\(left)"], kept: [])
    }
  }

  /// Whether `body` is true within half a minute.
  private func becomesTrue(_ body: () -> Bool) -> Bool {
    for _ in 0..<3000 where !body() { usleep(10_000) }
    return body()
  }

  /// Whoever stops early leaves neither thread nor batches behind; nor does whoever comes to the end.
  @Test(arguments: [0, 1, 5]) func endsWhenToldTo(_ taken: Int) throws {
    weak var rest: Batches?
    weak var all: Batches?
    do {
      let (endless, few) = (Batches(.max), Batches(taken))
      (rest, all) = (endless, few)
      let (ahead, whole) = (BatchesAhead(endless), BatchesAhead(few))
      for place in 0..<taken {
        #expect(try ahead.next()?.problems[0] == "\(Int.max - 1 - place)")
        #expect(try whole.next() != nil)
      }
      #expect(try whole.next() == nil)
      ahead.end()
      ahead.end()
    }
    #expect(becomesTrue { rest == nil && all == nil })
  }

  /// A writer that fails, here on a full device, ends the reading.
  @Test func endsWhereRowsCannotBeWritten() async {
    await #expect(processExitsWith: .success) {
      let folder = try Folder()
      try train("two-class", ["epochs=1", "data.two-class.train=256"], in: folder["run"])
      try folder.write("new.csv", "x,y\n" + String(repeating: "1,2\n", count: 20_000))
      try FileManager.default.createSymbolicLink(atPath: folder["out.csv"], withDestinationPath: "/dev/full")
      let model = try Model(folder["run"])
      #expect(throws: CollectiveFailure.self) {
        try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"], rows: 64)
      }
      func isReading() -> Bool {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return threads.contains { thread in
          (try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8)) == "reading\n"
        }
      }
      for _ in 0..<3000 where isReading() { usleep(10_000) }
      #expect(!isReading())
    }
  }
}
