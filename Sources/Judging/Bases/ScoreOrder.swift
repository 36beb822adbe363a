import Metrics
import Tensors

/// Rows sorted by their scores, from the highest on, equal ones in the order of the rows; sorted once, and then looked
/// through with any weights.
struct ScoreOrder: Sendable {
  /// Places of rows.
  let places: RowNumbers<Int32>
  /// Bit 0: the row has the class; bit 1: it is the last of those with its score.
  let flags: RowNumbers<UInt8>

  /// Those of a class against all others.
  init(_ rows: JudgedRows, _ classes: JudgedClasses, of number: Int) {
    var keys: [UInt64] = []
    keys.reserveCapacity(rows.count)
    for place in 0..<rows.count {
      keys.append(UInt64(Self.descending(classes.score(of: number, rows.row(place)))) << 32 | UInt64(place))
    }
    keys.sort()
    var (places, flags) = ([Int32](), [UInt8]())
    places.reserveCapacity(keys.count)
    flags.reserveCapacity(keys.count)
    for (index, key) in keys.enumerated() {
      let place = Int(truncatingIfNeeded: key & 0xFFFF_FFFF)
      let isLast = index + 1 == keys.count || keys[index + 1] >> 32 != key >> 32
      places.append(Int32(place))
      flags.append((classes.target(rows.row(place)) == number ? 1 : 0) | (isLast ? 2 : 0))
    }
    (self.places, self.flags) = (RowNumbers(places), RowNumbers(flags))
  }

  /// Whole numbers in the opposite order of scores; both zeros have the same.
  static func descending(_ score: Float) -> UInt32 {
    let bits = (score + 0).bitPattern
    return bits >> 31 == 0 ? ~(bits | 1 << 31) : bits
  }

  /// Calls `body` for each score, from the highest on, with what its rows weigh that have the class, and that do not.
  @inline(__always)
  func forEachScore(_ weights: RowWeights, _ body: (_ place: Int, _ positive: Double, _ negative: Double) -> Void) {
    var (positive, negative) = (0.0, 0.0)
    let (places, flags) = (places.elements, flags.elements)
    for index in 0..<places.count {
      let (weight, flag) = (weights[Int(places[index])], flags[index])
      let own = flag & 1 == 1 ? weight : 0
      positive += own
      negative += weight - own
      if flag & 2 == 2 {
        body(Int(places[index]), positive, negative)
        (positive, negative) = (0, 0)
      }
    }
  }
}

/// Of each class that is looked at, against all others: the area Σ w⁻·(Σ w⁺ above + ½ Σ w⁺ beside), Σ (ΔR·P) of precision
/// by recall before it is divided by Σ w⁺, Σ w⁺ and Σ w⁻. Of two classes the positive one alone is looked at.
struct OrderBasis: Basis {
  let key = "order"
  /// Orders are made anew for each look where they would have more numbers.
  private static let mostKept = 1 << 26

  func prepared(_ rows: JudgedRows) throws -> any PreparedBasis {
    guard let classes = rows.classes else { throw Undefined("no classes are predicted") }
    let looked = Self.looked(classes)
    let isKept = looked.count * rows.count <= Self.mostKept
    let orders = isKept ? looked.map { ScoreOrder(rows, classes, of: $0) } : []
    return PreparedOrders(rows: rows, classes: classes, looked: looked, orders: orders)
  }

  static func looked(_ classes: JudgedClasses) -> [Int] {
    classes.names.count == 2 ? [classes.positive] : Array(classes.names.indices)
  }
}

private struct PreparedOrders: PreparedBasis {
  let rows: JudgedRows
  let classes: JudgedClasses
  let looked: [Int]
  let orders: [ScoreOrder]

  var work: Int { rows.count * looked.count * (orders.isEmpty ? 100 : 3) }

  func totals(_ weights: RowWeights) -> [Double] {
    looked.indices.flatMap { place in
      Self.totals(orders.isEmpty ? ScoreOrder(rows, classes, of: looked[place]) : orders[place], weights)
    }
  }

  private static func totals(_ order: ScoreOrder, _ weights: RowWeights) -> [Double] {
    var (area, precision, above, below) = (0.0, 0.0, 0.0, 0.0)
    order.forEachScore(weights) { _, positive, negative in
      area += negative * (above + positive / 2)
      above += positive
      below += negative
      if positive > 0 { precision += positive * (above / (above + below)) }
    }
    return [area, precision, above, below]
  }
}

extension ROCAUC: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { rows.classes == nil ? nil : OrderBasis() }

  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    orderFigure(totals, rows) { area, _, positive, negative in area / (positive * negative) }
  }
}

extension AveragePrecision: JudgedMetric {
  public func basis(of rows: JudgedRows) -> (any Basis)? { rows.classes == nil ? nil : OrderBasis() }

  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    orderFigure(totals, rows, wantsOthers: false) { _, precision, positive, _ in precision / positive }
  }
}

/// The mean over the classes that are looked at; none where one of them has no rows, or all.
private func orderFigure(
  _ totals: [Double], _ rows: JudgedRows, wantsOthers: Bool = true,
  _ value: (_ area: Double, _ precision: Double, _ positive: Double, _ negative: Double) -> Double
) -> Figure {
  guard let classes = rows.classes else { return .undefined("no classes are predicted") }
  var sum = 0.0
  let looked = OrderBasis.looked(classes)
  for (place, number) in looked.enumerated() {
    let (positive, negative) = (totals[4 * place + 2], totals[4 * place + 3])
    guard positive > 0 else { return .undefined("no row has the class \(classes.names[number])") }
    guard negative > 0 || !wantsOthers else { return .undefined("all rows have the class \(classes.names[number])") }
    sum += value(totals[4 * place], totals[4 * place + 1], positive, negative)
  }
  return .value(sum / Double(looked.count))
}
