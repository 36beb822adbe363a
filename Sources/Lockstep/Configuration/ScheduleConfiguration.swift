import Configuration
import Optimizers

/// A schedule before the number of steps is known.
public struct ScheduleConfiguration: Sendable, Equatable {
  /// How the rate goes after the warm-up.
  public let shape: Schedule.Shape
  /// Steps.
  public let warmup: Int

  /// `warmup` steps of a rate that rises along a line, then the shape.
  public init(shape: Schedule.Shape = .constant, warmup: Int = 0) { (self.shape, self.warmup) = (shape, warmup) }

  static var kinds: ConfigCases<ScheduleConfiguration> {
    ConfigCases([
      ("constant", "the same learning rate throughout", { try read($0) { _ in .constant } }),
      ("step", "times a factor every so many steps", { try read($0, step) }),
      (
        "cosine", "down along half a cosine",
        { try read($0) { .cosine(minimum: try $0.double("minimum", default: 0, in: 0...)) } }
      ),
      (
        "linear", "down along a line",
        { try read($0) { .linear(minimum: try $0.double("minimum", default: 0, in: 0...)) } }
      ),
      ("one-cycle", "up and down again, once", { ScheduleConfiguration(shape: try oneCycle($0)) }),
      ("multi-step", "times a factor after each of some steps", { try read($0, multiStep) }),
      ("exponential", "times a factor over so many steps, a little after each", { try read($0, exponential) }),
      (
        "polynomial", "down along a power of the steps left",
        {
          try read($0) {
            .polynomial(
              power: try $0.double("power", default: 0.9, in: 0...100),
              minimum: try $0.double("minimum", default: 0, in: 0...))
          }
        }
      ),
      ("plateau", "times a factor when a score no longer improves", { try read($0, plateau) }),
    ])
  }

  private static func step(_ settings: ConfigReader) throws -> Schedule.Shape {
    .step(
      every: try settings.int("every", in: 1...), factor: try settings.double("factor", default: 0.1, in: .above(0)))
  }

  private static func multiStep(_ settings: ConfigReader) throws -> Schedule.Shape {
    let steps = try settings.ints("at", in: 1...)
    guard !steps.isEmpty, zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw settings.failure(at: "at", "expected steps that ascend, found \(steps)", cure: "sort them, each once")
    }
    return .multiStep(at: steps, factor: try settings.double("factor", default: 0.1, in: .above(0)))
  }

  private static func exponential(_ settings: ConfigReader) throws -> Schedule.Shape {
    .exponential(
      factor: try settings.double("factor", in: .above(0)), every: try settings.int("every", default: 1, in: 1...))
  }

  private static func plateau(_ settings: ConfigReader) throws -> Schedule.Shape {
    // A rate that does not fall ends no plateau.
    .plateau(
      Plateau(
        factor: try settings.double("factor", default: 0.1, in: 0..<1),
        patience: try settings.int("patience", default: 10, in: EarlyStopping.patiences),
        metric: try settings.string("metric", default: "loss"),
        leastImprovement: try settings.double("least-improvement", default: 0, in: EarlyStopping.improvements),
        cooldown: try settings.int("cooldown", default: 0, in: 0...EarlyStopping.patiences.upperBound),
        minimum: try settings.double("minimum", default: 0, in: 0...)))
  }

  private static func oneCycle(_ settings: ConfigReader) throws -> Schedule.Shape {
    .oneCycle(
      rise: try settings.double("rise", default: 0.3, in: 0...1),
      startDivisor: try settings.double("start-divisor", default: 25, in: 1...),
      endDivisor: try settings.double("end-divisor", default: 1e4, in: 1...))
  }

  private static func read(
    _ settings: ConfigReader, _ shape: (ConfigReader) throws -> Schedule.Shape
  ) throws -> ScheduleConfiguration {
    ScheduleConfiguration(shape: try shape(settings), warmup: try settings.int("warmup", default: 0, in: 0...))
  }
}
