import Testing

@testable import MPICommunication

@Suite struct TransportTests {
  private func paths(_ files: String...) -> [String] {
    ["linux-vdso.so.1"] + files.map { "/usr/lib/openmpi3/\($0)" }
  }

  @Test func whatIsLoadedIsChosen() {
    let files = paths(
      "mca_pml_v.so", "mca_pml_ob1.so", "mca_btl_vader.so", "mca_btl_sm.so", "mca_btl_tcp.so", "mca_btl_self.so",
      "libc.so")
    let transport = MPITransport(loaded: files, singleCopy: "cma", interfaces: "10.0.0.0/24")
    #expect(transport.description == "ob1 over tcp (interfaces: 10.0.0.0/24), vader (single copy: cma)")
  }

  @Test func theNewNameOfSharedMemory() {
    let transport = MPITransport(
      loaded: paths("mca_pml_ob1.so", "mca_btl_sm.so"), singleCopy: "xpmem", interfaces: "all")
    #expect(transport.description == "ob1 over sm (single copy: xpmem)")
  }

  @Test func otherMatchingHasCarriersOfItsOwn() {
    let transport = MPITransport(
      loaded: paths("mca_pml_ucx.so", "mca_btl_tcp.so"), singleCopy: "cma", interfaces: "eth0")
    #expect(transport.description == "ucx")
  }

  @Test func aLibraryThatTellsNothing() {
    #expect(MPITransport(loaded: paths("libmpich.so"), singleCopy: "", interfaces: "").description == "")
  }
}
