import Diagnostics
import Foundation

/// The exit code and the message of what `body` throws, without the folder that files lie in; `none` where it throws nothing.
public func refusal(in folder: String = "", _ body: () throws -> Void) -> String {
  do {
    try body()
    return "none"
  } catch {
    let text = "\((error as? Failure)?.code.rawValue ?? -1) \(error)"
    return folder.isEmpty ? text : text.replacing(folder + "/", with: "")
  }
}
