import Testing

@testable import Host

@Suite struct ProcessorFeaturesTests {
  /// As Linux writes it for each core, the first ones told.
  private static func text(_ flags: String) -> String {
    """
    processor\t: 0
    vendor_id\t: GenuineIntel
    model name\t: Intel Core i7 9xx (Nehalem Class Core i7): fma
    flags\t\t: \(flags)
    vmx flags\t: vnmi fma
    bugs\t\t:

    processor\t: 1
    flags\t\t: fma

    """
  }

  @Test func flagsAreWholeWords() {
    #expect(ProcessorFeatures.flags(of: Self.text("fpu sse2 fma avx2"))?.contains("fma") == true)
    #expect(ProcessorFeatures.flags(of: Self.text("fpu fma4 sse2")) == ["fpu", "fma4", "sse2"])
    #expect(ProcessorFeatures.flags(of: Self.text("")) == [])
    for text in ["", "processor\t: 0\nFeatures\t: fp asimd\n", "flags"] {
      #expect(ProcessorFeatures.flags(of: text) == nil)
    }
  }
}
