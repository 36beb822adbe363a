import TestSupport
import Testing

@testable import MPICommunication

@Suite struct SessionDirectoryTests {
  /// Where there is room, and where nothing can be told, MPI begins.
  @Test func roomIsNoReasonToRefuse() throws {
    let folder = try Folder()
    #expect(sessionRefusal(folder: folder.path) == nil)
    #expect(sessionRefusal(folder: folder["none"]) == nil)
  }
}
