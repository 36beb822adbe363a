/// The order of a discrete Fourier transform of N real numbers, N a power of two: by one of n = N/2 complex numbers, each a pair of
/// samples, decimated in time (Cooley, Tukey 1965): stages of radix 4, and of radix 2 at the end where n is no power of four.
///
/// Nothing is measured: the order of operations is a function of N alone.
struct FourierPlan {
  /// Where pair k stands before the first stage, n of them.
  let places: [Int32]
  /// As `ck_spectrum.twiddles`: computed in double precision and rounded.
  let twiddles: [Float]

  init(size: Int) {
    precondition(size >= 16 && size & (size - 1) == 0, "a transform of \(size) numbers")
    let n = size / 2
    var (radices, twiddles, m) = ([Int](), [Float](), 1)
    /// cos and sin of -2π·j / length
    func add(_ j: Int, of length: Int) {
      let turn = 2 * Double(j) / Double(length)
      twiddles += [Float(Trigonometry.cosine(pi: turn)), Float(-Trigonometry.sine(pi: turn))]
    }
    while 4 * m <= n {
      for j in 0..<m { for times in 1...3 { add(times * j, of: 4 * m) } }
      radices.append(4)
      m *= 4
    }
    if m < n {
      for j in 0..<m { add(j, of: 2 * m) }
      radices.append(2)
    }
    for k in 0..<size / 4 { add(k, of: size) }
    self.twiddles = twiddles
    places = (0..<n).map { Int32(Self.place($0, n, radices[...])) }
  }

  /// The last stage joins as many transforms as its radix is, of every so-manieth number each; these lie behind each other.
  private static func place(_ k: Int, _ n: Int, _ radices: ArraySlice<Int>) -> Int {
    guard let radix = radices.last else { return 0 }
    return k % radix * (n / radix) + place(k / radix, n / radix, radices.dropLast())
  }
}
