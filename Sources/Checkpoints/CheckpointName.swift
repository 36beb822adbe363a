/// How the directories of a run are named: the one place that writes and reads these names.
///
/// ```
/// step-00001200               a checkpoint
/// step-00001200.replaced      a checkpoint too: the former one of a step that is being saved once more
/// step-00001200.damaged       none any more: found damaged, and set aside for whoever wants to look at it
/// .step-00001200.partial-417  being written by process 417
/// .step-00001200.deleted-417  being deleted by process 417; with -1 behind it where that name could not be freed
/// ```
enum CheckpointName {
  static let replacedSuffix = ".replaced"

  /// `step-00001200`
  static func visible(_ step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  static func partial(_ step: Int, process: Int32) -> String { ".\(visible(step)).partial-\(process)" }

  /// Not the name of a checkpoint, nor of a leftover: nobody deletes it but a later damaged one of the same name.
  static func damaged(_ name: String) -> String { name + ".damaged" }

  static func deleted(_ name: String, process: Int32) -> String { ".\(name).deleted-\(process)" }

  /// The step of a checkpoint's name; nil for any other name.
  static func step(of name: String) -> (step: Int, isReplaced: Bool)? {
    let isReplaced = name.hasSuffix(replacedSuffix)
    let stem = isReplaced ? String(name.dropLast(replacedSuffix.count)) : name
    guard stem.hasPrefix("step-"), let step = Int(stem.dropFirst(5)), step >= 0, visible(step) == stem else {
      return nil
    }
    return (step, isReplaced)
  }

  /// Whether a name is that of a directory which a process left unfinished.
  static func isLeftover(_ name: String) -> Bool {
    name.hasPrefix(".step-") && (name.contains(".partial-") || name.contains(".deleted-"))
  }
}
