import CMPI

/// The name and version of the MPI library that this program is linked with, such as `Open MPI v4.1.4`.
///
/// May be called at any time, outside of `withMPI` too.
package func mpiLibrary() throws -> String {
  libraryName(in: try mpiText { try check("MPI_Get_library_version", CMPI_Get_library_version($0, $1)) })
}

/// The part before the first comma or line break, which libraries fill with dates and build flags, spaces made single.
package func libraryName(in version: String) -> String {
  let name = version.prefix { $0 != "," && !$0.isNewline }
  return name.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}
