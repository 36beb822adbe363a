import CMPI
import Diagnostics
import Host

/// The ways that Open MPI has chosen for messages, as far as it tells; other libraries tell nothing.
///
/// Between `MPI_Init` and `MPI_Finalize`. What was not chosen is no longer loaded by then.
package struct MPITransport: Sendable, Equatable, CustomStringConvertible {
  /// Who matches messages: `ob1`, `ucx` or `cm`; empty where Open MPI was built in one piece.
  let matching: String
  /// What carries them for `ob1`: `vader` or `sm` within a host, `tcp` between hosts; sorted.
  let carriers: [String]
  /// How a large message within a host is copied only once (`cma`, `knem`, `xpmem`, `emulated`), or `none`.
  let singleCopy: String
  /// The interfaces that `tcp` may use, as Open MPI is told: `eth0`, `10.0.0.0/24`, or `all but 127.0.0.1/8`.
  let interfaces: String

  /// What the running library has chosen.
  package static func chosen() throws -> MPITransport {
    func variable(_ name: String) throws -> String {
      try mpiText { try check("MPI_T_cvar_read", CMPI_T_cvar_read(name, $0, $1)) }
    }
    let (only, without) = (try variable("btl_tcp_if_include"), try variable("btl_tcp_if_exclude"))
    return MPITransport(
      loaded: LoadedFiles.libraries,
      singleCopy: try ["vader", "sm"].map { try variable("btl_\($0)_single_copy_mechanism") }.joined(),
      interfaces: only.isEmpty ? without.isEmpty ? "all" : "all but \(without)" : only)
  }

  /// - Parameter loaded: the paths of libraries, those of the components among them.
  init(loaded: [String], singleCopy: String, interfaces: String) {
    func components(_ kind: String) -> [String] {
      let prefix = "mca_\(kind)_"
      let names = loaded.compactMap { $0.split(separator: "/").last }
        .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".so") }.map { String($0.dropFirst(prefix.count).dropLast(3)) }
      return Set(names).sorted()
    }
    // `v` and `monitoring` only look on.
    matching = components("pml").first { !["v", "monitoring"].contains($0) } ?? ""
    let carriers = matching == "ob1" ? components("btl").filter { $0 != "self" } : []
    // Beside Open MPI 4's `vader`, `sm` is an empty shell; in 5 it is the name of what was `vader`.
    self.carriers = carriers.contains("vader") ? carriers.filter { $0 != "sm" } : carriers
    self.singleCopy = singleCopy
    self.interfaces = carriers.contains("tcp") ? interfaces : ""
  }

  /// `ob1 over tcp (interfaces: all but 127.0.0.1/8), vader (single copy: cma)`; empty where nothing is known.
  package var description: String {
    let ways = carriers.map { carrier in
      switch carrier {
      case "vader", "sm": singleCopy.isEmpty ? carrier : "\(carrier) (single copy: \(singleCopy))"
      case "tcp": "tcp (interfaces: \(interfaces))"
      default: carrier
      }
    }
    return matching + (ways.isEmpty ? "" : " over " + ways.joined(separator: ", "))
  }
}
