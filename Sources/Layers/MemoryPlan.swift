import Tensors

/// Where the tensors of a graph lie in a lane's arena: values, gradients, and what layers want besides.
///
/// Tensors share memory where the graph lets them and nobody reads the old content later. For that each tensor has a
/// *content*: aliases (a flatten, a fork) have that of what they stand for, every other tensor has one of its own.
struct MemoryPlan {
  /// Nil where a value is the network's input, or was computed in its memory, which lies outside of the arena.
  let values: [Int?]
  /// Nil where a gradient is not wanted.
  let gradients: [Int?]
  /// A layer each; nil where a layer wants none.
  let saved: [Int?]
  let forwardScratch: [Int?]
  let backwardScratch: [Int?]
  /// Floats of the arena.
  let count: Int

  /// Which tensors may lie in each other's memory.
  enum Sharing {
    /// All that are not needed at the same time.
    case all
    /// As `all`, but what the forward pass computes stays until its end, for the next one to find.
    case afterForward
    /// None but aliases: what tests compare with.
    case none
  }

  /// - Parameters:
  ///   - workspaces: what each layer wants besides its tensors, by its number.
  ///   - fusion: what operations do before their time.
  ///   - outputCount: floats of the outputs that are there at a time, whose gradient takes their place; nil: all are, and their
  ///     gradient lies beside them.
  init(
    _ graph: Graph, microBatch: Int, workspaces: [Workspace], fusion: Fusion, outputCount: Int? = nil,
    sharing: Sharing = .all
  ) {
    var planner = MemoryPlanner()
    var counts = graph.tensors.indices.map { graph.form(of: $0, microBatch: microBatch).floats }
    if let outputCount { counts[graph.output] = outputCount }
    let values = Self.values(graph, counts, fusion, sharing == .all, &planner)
    // The last layer goes backward before its next rows go forward.
    let output = outputCount == nil ? nil : values[graph.output]
    if let output { planner.extend(output, to: graph.operations.count + 1) }
    let gradients = Self.gradients(graph, counts, fusion, sharing != .none, output: output, &planner)
    let end = 2 * graph.operations.count
    var (saved, forward, backward) = ([Int?](), [Int?](), [Int?]())
    for (time, operation) in graph.operations.enumerated() {
      guard case .layer(_, let number, _) = operation.action else { continue }
      let wanted = workspaces[number]
      func add(_ count: Int, _ first: Int, _ last: Int) -> Int? {
        count == 0 ? nil : planner.add(count: count, first: first, last: last)
      }
      saved.append(add(wanted.saved, time, end - time))
      forward.append(add(wanted.forward, time, time))
      backward.append(add(wanted.backward, end - time, end - time))
    }
    switch sharing {
    case .all: break
    case .afterForward:
      for tensor in (values + saved).compactMap(\.self) {
        planner.extend(tensor, to: 0)
        planner.extend(tensor, to: graph.operations.count)
      }
    case .none:
      for tensor in planner.tensors.indices { planner.extend(tensor, to: 0); planner.extend(tensor, to: end) }
    }
    let (offsets, count) = planner.place()
    func places(_ tensors: [Int?]) -> [Int?] { tensors.map { $0.map { offsets[$0] } } }
    self.values = places(values)
    self.gradients = places(gradients)
    (self.saved, forwardScratch, backwardScratch) = (places(saved), places(forward), places(backward))
    self.count = count
  }

  /// The planner's tensor of each value; nil for the network's input and what shares its memory.
  private static func values(
    _ graph: Graph, _ counts: [Int], _ fusion: Fusion, _ sharing: Bool, _ planner: inout MemoryPlanner
  ) -> [Int?] {
    let n = graph.operations.count
    var content = Array(graph.tensors.indices)
    for operation in graph.operations where graph.valuePlacement(of: operation) == .alias {
      for output in operation.outputs { content[output] = content[operation.inputs[0]] }
    }
    /// When each content is read for the last time.
    var lastRead = Array(repeating: -1, count: content.count)
    func read(_ tensor: Int, at time: Int) {
      lastRead[content[tensor]] = max(lastRead[content[tensor]], time)
    }
    for (time, operation) in graph.operations.enumerated() {
      for input in operation.inputs { read(input, at: time) }
      guard graph.runsBackward(operation) else { continue }
      if operation.backwardReads.contains(.input) {
        for input in operation.inputs { read(input, at: 2 * n - time) }
      }
      if operation.backwardReads.contains(.output) { read(operation.outputs[0], at: 2 * n - time) }
    }
    read(graph.output, at: n)

    var storage = [Int?](repeating: nil, count: content.count)
    for (time, operation) in graph.operations.enumerated() {
      let share =
        switch graph.valuePlacement(of: operation) {
        case .alias: operation.inputs[0] as Int?
        case .inPlace: sharing ? overwritable(operation.inputs, content, lastRead, at: time) : nil
        case .apart: Int?.none
        }
      for output in operation.outputs {
        storage[output] =
          share.map { storage[$0] }
          ?? planner.add(count: counts[output], first: time, last: time)
        guard let place = storage[output] else { continue }
        planner.extend(place, to: max(time, lastRead[content[output]]))
        if fusion.absorbsForward(time) { planner.extend(place, to: time - 1) }
      }
    }
    return storage
  }

  /// The planner's tensor of each gradient, that of the outputs in `output` where given; nil for those that nobody wants.
  private static func gradients(
    _ graph: Graph, _ counts: [Int], _ fusion: Fusion, _ sharing: Bool, output: Int?, _ planner: inout MemoryPlanner
  ) -> [Int?] {
    let n = graph.operations.count
    let backward = graph.operations.enumerated().reversed().filter { graph.runsBackward($1) }
    var content = Array(graph.tensors.indices)
    for (_, operation) in backward where graph.gradientPlacement(of: operation) == .alias {
      for input in operation.inputs { content[input] = content[operation.outputs[0]] }
    }
    var lastRead = Array(repeating: n, count: content.count)
    for (time, operation) in backward {
      for output in operation.outputs { lastRead[content[output]] = max(lastRead[content[output]], 2 * n - time) }
    }

    var storage = [Int?](repeating: nil, count: content.count)
    storage[graph.output] =
      output ?? planner.add(count: counts[graph.output], first: n, last: lastRead[content[graph.output]])
    for (time, operation) in backward {
      let share =
        switch graph.gradientPlacement(of: operation) {
        case .alias: operation.outputs[0] as Int?
        case .inPlace: sharing ? overwritable(operation.outputs, content, lastRead, at: 2 * n - time) : nil
        case .apart: Int?.none
        }
      for input in operation.inputs where graph.tensors[input].learns {
        storage[input] =
          share.map { storage[$0] }
          ?? planner.add(count: counts[input], first: 2 * n - time, last: 2 * n - time)
        guard let place = storage[input] else { continue }
        planner.extend(place, to: max(2 * n - time, lastRead[content[input]]))
        if fusion.absorbsBackward(time) { planner.extend(place, to: 2 * n - time - 1) }
      }
    }
    return storage
  }

  /// The operand in whose memory the result may lie: nobody reads it later. A sum of several adds up the first two, so it
  /// must be one of them, and must not come once more behind them.
  private static func overwritable(_ operands: [Int], _ content: [Int], _ lastRead: [Int], at time: Int) -> Int? {
    let later = operands.dropFirst(2).map { content[$0] }
    return operands.prefix(2).first { lastRead[content[$0]] <= time && !later.contains(content[$0]) }
  }
}

extension Graph {
  /// Whether an operation has anything to do in the backward pass.
  func runsBackward(_ operation: Operation) -> Bool { tensors[operation.outputs[0]].learns }
}
