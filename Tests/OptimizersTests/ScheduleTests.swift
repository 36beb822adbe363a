import Foundation
import Goldens
import Testing

@testable import Optimizers

@Suite struct ScheduleTests {
  struct Case: Decodable {
    let shape: String
    let steps: Int
    let warmup: Int
    let rate: Double
    let every: Int?
    let factor: Double?
    let minimum: Double?
    let rise: Double?
    let startDivisor: Double?
    let endDivisor: Double?
    let at: [Int]?
    let power: Double?
    let rates: [Double]

    var schedule: Schedule {
      let shape: Schedule.Shape =
        switch shape {
        case "constant": .constant
        case "step": .step(every: every!, factor: factor!)
        case "one-cycle": .oneCycle(rise: rise!, startDivisor: startDivisor!, endDivisor: endDivisor!)
        case "multi-step": .multiStep(at: at!, factor: factor!)
        case "exponential": .exponential(factor: factor!, every: every!)
        case "polynomial": .polynomial(power: power!)
        case "cosine": .cosine(minimum: minimum!)
        default: .linear(minimum: minimum!)
        }
      return Schedule(rate: rate, warmup: warmup, shape: shape, steps: steps)
    }
  }

  /// 1e-9: the goldens have nine digits.
  @Test func ratesArePyTorchs() throws {
    let cases: [Case] = try golden("schedules.json")
    #expect(cases.count == 23)
    for test in cases {
      for (step, expected) in test.rates.enumerated() {
        #expect(abs(test.schedule(step) - expected) < 1e-9, "\(test.shape), warm-up \(test.warmup), step \(step)")
      }
    }
  }

  @Test func warmUpRisesInAStraightLine() {
    let schedule = Schedule(rate: 1, warmup: 4, shape: .constant, steps: 10)
    #expect((0..<6).map { schedule($0) } == [0.25, 0.5, 0.75, 1, 1, 1])
  }

  @Test func shapesEndAtTheirMinimumOnTheLastStep() {
    for shape in [
      Schedule.Shape.cosine(minimum: 0.25), .linear(minimum: 0.25), .polynomial(power: 1, minimum: 0.25),
    ] {
      for warmup in [0, 3] {
        let schedule = Schedule(rate: 1, warmup: warmup, shape: shape, steps: 11)
        #expect(schedule(warmup) == 1, "\(shape)")
        #expect(schedule(10) == 0.25, "\(shape)")
        #expect(schedule(1000) == 0.25, "\(shape): a longer run stays there")
      }
      // Half way, a cosine and a line meet.
      #expect(Schedule(rate: 1, shape: shape, steps: 11)(5) == 0.625, "\(shape)")
      // A run of one step, and one that is all warm-up, divide nothing by zero.
      #expect(Schedule(rate: 1, shape: shape, steps: 1)(0) == 0.25)
      #expect(Schedule(rate: 1, warmup: 4, shape: shape, steps: 4)(3) == 1)
    }
    let stairs = Schedule(rate: 1, warmup: 1, shape: .step(every: 2, factor: 0.5), steps: 8)
    #expect((0..<8).map { stairs($0) } == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125])
  }

  @Test func aPlateauHasReductions() {
    let schedule = Schedule(rate: 1, warmup: 2, shape: .plateau(Plateau(factor: 0.5, minimum: 0.2)), steps: 9)
    #expect((0..<4).map { schedule($0) } == [0.5, 1, 1, 1])
    #expect((0..<5).map { schedule(8, reductions: $0) } == [1, 0.5, 0.25, 0.2, 0.2])
    #expect(Schedule(rate: 0.1, shape: .plateau(Plateau(factor: 0.5, minimum: 0.2)), steps: 9)(3, reductions: 1) == 0.1)
  }

  /// Relative 1e-14: some fifty roots and factors, the error of each root halved by the next.
  @Test func rootsArePowers() {
    for exponent in [0, 0.5, 0.25, 0.1, 0.9, 0.999, 1.0.nextDown] {
      for base in [1e-9, 0.3, 0.999, 1, 7] {
        #expect(abs(root(base, exponent) / pow(base, exponent) - 1) < 1e-14, "\(base)^\(exponent)")
      }
    }
    #expect(root(0, 0.5) == 0 && root(0, 0) == 1)
  }

  /// Relative 1e-13: squaring doubles the relative error, so that 1000 factors have at most 1000 roundings of 1.1e-16.
  @Test func powerIsRepeatedMultiplication() {
    for exponent in 0...10 { #expect(power(2, exponent) == Double(1 << exponent)) }
    #expect(power(0, 0) == 1 && power(0, 3) == 0 && power(-1, 3) == -1)
    for exponent in 0...1000 {
      for base in [0.9, 0.999, 0.5, 1.01] {
        #expect(abs(power(base, exponent) / pow(base, Double(exponent)) - 1) < 1.2e-13, "\(base)^\(exponent)")
      }
    }
    #expect(power(0.999, 1_000_000) == 0 || power(0.999, 1_000_000) < 1e-300)
  }
}
