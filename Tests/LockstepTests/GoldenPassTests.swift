import Goldens
import Testing

/// Whole networks against PyTorch.
@Suite struct GoldenPassTests {
  /// Networks on images. 1e-5, a hundred and fifty roundings of floats near one: products of up to 400 terms, and an
  /// inverse deviation of up to ten between two of them.
  @Test func images() throws {
    let cases: [GoldenPass] = try golden("images.json")
    #expect(cases.count == 22)
    for test in cases {
      #expect(test.statistics != nil && test.evaluated != nil, "\(test.name)")
      try test.check(within: 1e-5)
    }
  }

  /// Gates, and what makes one row of a sequence. 2e-6, thirty roundings of floats near one.
  @Test func sequences() throws {
    let cases: [GoldenPass] = try golden("sequences.json")
    #expect(cases.count == 8)
    for test in cases { try test.check(within: 2e-6) }
  }

  /// More layers of pictures and sequences, by `make-picture-goldens.py`. 1e-5, as those of images above.
  @Test func pictures() throws {
    let cases: [GoldenPass] = try golden("pictures.json")
    #expect(cases.count == 29)
    for test in cases { try test.check(within: 1e-5) }
  }
}
