import Preparation

// N rows, W numbers of a row, K knots.

/// A scale that knows its form in ONNX.
public protocol ONNXScale: NumberScale {
  /// Adds what brings numbers to the scale, N×W of them in double precision, by what each of W places was fitted to.
  func append(to graph: ONNXGraph, _ x: ONNXValue, _ fitted: [FittedColumn]) throws -> ONNXValue
}

extension ONNXScale {
  /// (x - offset) · scale
  public func append(to graph: ONNXGraph, _ x: ONNXValue, _ fitted: [FittedColumn]) throws -> ONNXValue {
    try graph.linear(x, fitted)
  }
}

extension StandardScale: ONNXScale {}
extension MinMaxScale: ONNXScale {}
extension RobustScale: ONNXScale {}
extension NoScale: ONNXScale {}

extension LogScale: ONNXScale {
  package func append(to graph: ONNXGraph, _ x: ONNXValue, _ fitted: [FittedColumn]) throws -> ONNXValue {
    try graph.linear(graph.signedLog1p(x), fitted)
  }
}

extension QuantileScale: ONNXScale {
  package func append(to graph: ONNXGraph, _ x: ONNXValue, _ fitted: [FittedColumn]) throws -> ONNXValue {
    let places = graph.split(x, into: fitted.map { _ in 1 }, axis: 1)
    let shares = zip(places, fitted).map { graph.share(of: $0, among: $1.numbers["knots"] ?? [0]) }
    let all = shares.count == 1 ? shares[0] : graph.add("Concat", all: shares, with: ["axis": .int(1)])
    return graph.add("Sub", graph.add("Mul", graph.number(2), all), graph.number(1))
  }
}

extension ONNXGraph {
  fileprivate func linear(_ x: ONNXValue, _ fitted: [FittedColumn]) throws -> ONNXValue {
    let offset = numbers(try fitted.map { try $0.number("offset") })
    return add("Mul", add("Sub", x, offset), numbers(try fitted.map { try $0.number("scale") }))
  }

  /// The middle of where N×1 values would stand among the knots, in 0...1.
  fileprivate func share(of x: ONNXValue, among knots: [Double]) -> ONNXValue {
    let (K, last) = (knots.count, Double(max(knots.count - 1, 1)))
    let row = numbers(knots, extents: [1, K])
    func count(_ isBelow: String) -> ONNXValue {
      // Zeros and ones are summed exactly.
      add("ReduceSum", cast(add(isBelow, row, x), to: .int64), wholes([1]))
    }
    let (low, high) = (count("Less"), count("LessOrEqual"))
    func double(_ value: ONNXValue) -> ONNXValue { cast(value, to: .float64) }
    func knot(_ place: ONNXValue) -> ONNXValue { add("Gather", numbers(knots), place) }
    func behind(_ place: ONNXValue) -> ONNXValue { add("Max", add("Sub", place, whole(1)), whole(0)) }
    // Among equal knots, the middle of them.
    let middle = add("Div", add("Add", double(low), double(add("Sub", high, whole(1)))), number(2))
    // Where a value is beyond the knots these are not used, and only have to exist.
    let (a, b) = (knot(behind(low)), knot(add("Min", low, whole(K - 1))))
    let part = add("Div", add("Sub", x, a), add("Sub", b, a))
    let between = add("Add", double(add("Sub", low, whole(1))), part)
    let found = add("Div", choose(add("Greater", high, low), middle, else: between), number(last))
    let isLargest = choose(add("GreaterOrEqual", x, number(knots[K - 1])), number(1), else: found)
    return choose(add("LessOrEqual", x, number(knots[0])), number(0), else: isLargest)
  }

  /// sign(x) · ln(1 + |x|) of finite numbers, by the additions and multiplications of `PortableMath`.
  fileprivate func signedLog1p(_ x: ONNXValue) -> ONNXValue {
    let value = log1p(add("Abs", x))
    return choose(add("Less", x, number(0)), add("Neg", value), else: value)
  }

  private func log1p(_ x: ONNXValue) -> ONNXValue {
    let one = number(1)
    let y = add("Add", one, x)
    let rest = add("Div", add("Sub", x, add("Sub", y, one)), y)
    let lost = choose(add("Less", y, number(0x1p53)), rest, else: number(0))
    let (k, m) = binary(y)
    let s = add("Div", add("Sub", m, one), add("Add", m, one))
    let s2 = add("Mul", s, s)
    var sum = number(0)
    for n in stride(from: 12, through: 1, by: -1) {
      sum = add("Mul", s2, add("Add", sum, number(1 / Double(2 * n + 1))))
    }
    let two = add("Mul", number(2), s)
    let series = add("Add", add("Add", two, add("Mul", two, sum)), lost)
    return add("Add", add("Mul", k, number(0.6931471805599453)), series)
  }

  /// k and m of y = 2ᵏ·m ≥ 1, m in √½...√2, both in double precision and exact.
  private func binary(_ y: ONNXValue) -> (exponent: ONNXValue, significand: ONNXValue) {
    // ⌊log₂ y⌋, which a library's logarithm misses by one at most.
    let guess = add("Floor", add("Mul", add("Log", y), number(1.4426950408889634)))
    let bounded = add("Max", add("Min", guess, number(1023)), number(0))
    // 2⁻ᵏ by halves, neither of which is too small.
    let powers = numbers((0...1023).map { Double(sign: .plus, exponent: -($0 / 2), significand: 1) })
    let rests = numbers((0...1023).map { Double(sign: .plus, exponent: -($0 - $0 / 2), significand: 1) })
    let place = cast(bounded, to: .int64)
    var m = add("Mul", add("Mul", y, add("Gather", powers, place)), add("Gather", rests, place))
    var k = bounded
    func correct(_ condition: ONNXValue, _ factor: Double, _ step: Double) {
      m = choose(condition, add("Mul", m, number(factor)), else: m)
      k = choose(condition, add("Add", k, number(step)), else: k)
    }
    correct(add("GreaterOrEqual", m, number(2)), 0.5, 1)
    correct(add("Less", m, number(1)), 2, -1)
    correct(add("Greater", m, number(1.4142135623730951)), 0.5, 1)
    return (k, m)
  }
}
