import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// `lockstep look`: a page of training samples.
  @Suite(.serialized) struct LookCommandTests {
    @Test func writesAPage() throws {
      let folder = try Folder()
      let written = try lockstep(
        ["look", "two-class", "--rows", "3", "--set", "augment=[{noise: 0.2}]", "-o", folder["look.html"]])
      #expect(written.code == 0 && written.output.hasSuffix("look.html: 3 samples\n"), "\(written)")
      let page = try folder.text("look.html")
      #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("augment.0.noise.deviation"))
      let printed = try lockstep(["look", "two-class", "--rows", "3", "--set", "augment=[{noise: 0.2}]", "-o", "-"])
      #expect(printed.code == 0 && printed.output == page)
    }

    @Test func misuse() throws {
      for arguments in [["--rows", "0"], ["--rows", "257"], ["--epoch", "-1"], ["-o", ""]] {
        let ended = try lockstep(["look", "two-class"] + arguments)
        #expect(ended.code == 64 && ended.output == "", "\(ended)")
      }
      let folder = try Folder()
      expectComplaint(
        78, "expected pictures (height×width×channels), found rows of 2 columns",
        try lockstep(["look", "two-class", "--set", "augment=[flip]", "-o", folder["look.html"]]))
      #expect(!folder.exists("look.html"))
    }
  }
}
