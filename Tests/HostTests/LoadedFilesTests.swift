import Foundation
import Host
import Testing

@Suite struct LoadedFilesTests {
  /// The kernel's own list has every one of them.
  @Test func theProgramAndItsLibrariesAreFound() throws {
    let maps = try #require(try FileHandle(forReadingAtPath: "/proc/self/maps")?.readToEnd())
    let mapped = String(decoding: maps, as: UTF8.self)
    let program = try #require(LoadedFiles.program)
    #expect(mapped.contains(program))
    let libraries = LoadedFiles.libraries.filter { $0.hasPrefix("/") }
    #expect(libraries.contains { $0.contains("/libc.so") } && !libraries.contains(program))
    // Libraries are loaded by links, which the kernel follows.
    for path in libraries { #expect(mapped.contains(URL(fileURLWithPath: path).resolvingSymlinksInPath().path)) }
  }
}
