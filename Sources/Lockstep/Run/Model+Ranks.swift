import Communication
import Diagnostics
import Files
import Tensors

/// What ranks have to have alike where they share rows to predict.
extension Model {
  /// Whether all ranks read `input`, which is the same on all of them; tells where rank zero alone does. All ranks call it.
  ///
  /// Throws bad data (65) where the same path is another file on another host.
  func isShared(_ input: String, _ tell: (String) -> Void) throws -> Bool {
    guard world.size > 1 else { return true }
    let isSteady = !FileEnds.isStream(input) && configuration.data.readsAlike(input)
    guard try world.allGather([isSteady ? 1 : 0])[0][0] == 1 else {
      if world.rank == 0 {
        let name = input == standardStream ? "standard input" : input
        tell(
          "\(name): rank 0 reads and predicts alone, as a pipe or a database has one reader; a file is shared by all")
      }
      return false
    }
    let ends = try world.agree { try FileEnds(input).text }
    let all = try world.allGather(ends)
    try world.agree {
      guard ends != all[0] else { return }
      throw Failure(.badData, at: input, "expected the file of rank 0 (\(all[0])), found \(ends)", cure: Self.cure)
    }
    return true
  }

  /// Throws bad data (65) where ranks have found other numbers of rows, as in a file that was written to. All ranks call it.
  func requireSameRows(of input: String, _ batches: TurnBatches?) throws {
    let rows = try world.allGather([batches?.rows ?? -1])
    try world.agree {
      guard let own = batches?.rows, own != rows[0][0] else { return }
      throw Failure(
        .badData, at: input, "expected the \(grouped(rows[0][0])) rows that rank 0 found, found \(grouped(own))",
        cure: Self.cure)
    }
  }

  /// Throws bad data (65) where ranks have other bytes at the same path. All ranks call it.
  func requireSameBytes(of input: String, _ digest: BackgroundWork<Digest>?) throws {
    let own = try world.agree { try digest?.value().description ?? "" }
    let all = try world.allGather(own)
    try world.agree {
      guard own != all[0] else { return }
      throw Failure(
        .badData, at: input, "expected the bytes that rank 0 has (\(all[0])), found others (\(own))", cure: Self.cure)
    }
  }

  private static var cure: String {
    "put it on a file system that all hosts share, or copy it to each of them, and write to it at other times"
  }

  /// What all ranks have counted together; those that counted nothing have no counts. All ranks call it.
  func sum(of counts: [Int]) throws -> [Int] {
    let width = try world.allGather([counts.count]).map { $0[0] }.max() ?? 0
    let own = counts + [Int](repeating: 0, count: width - counts.count)
    return try world.allGather(own).reduce(into: [Int](repeating: 0, count: width)) { sum, counts in
      for place in counts.indices { sum[place] += counts[place] }
    }
  }
}
