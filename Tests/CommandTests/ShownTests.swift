import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Names from files reach the terminal escaped, whichever command prints them.
  @Suite(.serialized) struct ShownTests {
    @Test func namesFromFilesObeyNobody() throws {
      let folder = try Folder()
      let rows = (0..<32).map { "\($0 % 2),\($0),\($0 % 2 == 0 ? "\u{1B}]0;owned\u{7}no" : "y\u{9B}2Jes")\n" }.joined()
      try folder.write("data.csv", "\u{1B}[31mx,y,class\n" + rows)
      let data = "data={csv: {train: \(folder["data.csv"]), test: \(folder["data.csv"])}}"
      let settings = ["--set", data, "--set", "model=[{dense: 2}]", "--set", "epochs=1", "--set", "batch=16"]
      let run = folder["run\u{1B}[2J"]
      for command in [
        ["train", "two-class", "-o", run] + settings, ["evaluate", run], ["inspect", run],
        ["inspect", "two-class"] + settings, ["evaluate", run, "--data", folder["no\u{1B}ne.csv"]],
        ["predict", run, "-i", folder["data.csv"], "-o", folder["out\u{1B}.csv"]],
      ] {
        let ended = try lockstep(command)
        let text = ended.output + ended.errors
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" }, "\(text)")
        #expect(!text.isEmpty)
      }
      let report = try lockstep(["evaluate", run]).output
      #expect(report.contains("\\u{1B}]0;owned\\u{7}no") && report.contains("y\\u{9B}2Jes"), "\(report)")
      #expect(try lockstep(["inspect", run]).output.contains("features: \\u{1B}[31mx, y"))
    }

    /// Columns are as wide as what is shown of them.
    @Test func namesOfTargetsAreShownInLine() throws {
      let folder = try Folder()
      let name = "[31mlonger than all of the others"
      let rows = (0..<32).map { "\($0),\($0 % 5),\($0 % 3)\n" }.joined()
      try folder.write("data.csv", "x,\u{1B}\(name),b\n" + rows)
      let files = "train: \(folder["data.csv"]), test: \(folder["data.csv"])"
      let data = "data={csv: {\(files), kind: values, target: [\"\\e\(name)\", b]}}"
      let settings = ["model=[{dense: 2}]", "loss=mean-squared-error", "epochs=1", "batch=16"]
      let run = folder["run"]
      let train = ["train", "two-class", "-o", run] + ([data] + settings).flatMap { ["--set", $0] }
      let outputs = try [train, ["evaluate", run], ["inspect", run]].map { command in
        let ended = try lockstep(command)
        let text = ended.output + ended.errors
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" }, "\(text)")
        return ended.output
      }
      let shown = "\\u{1B}" + name
      let width = "test \(shown)".count
      for first in ["test loss", "test b", "test \(shown)"] {
        let cell = first + String(repeating: " ", count: width + 2 - first.count)
        #expect(outputs[0].contains("\n" + cell), "\(outputs[0])")
      }
      for row in [shown, String(repeating: " ", count: shown.count - 1) + "b"] {
        #expect(outputs[1].contains("\n" + row + "  "), "\(outputs[1])")
      }
      #expect(outputs[2].contains("targets: \(shown), b\n"), "\(outputs[2])")
    }
  }
}
