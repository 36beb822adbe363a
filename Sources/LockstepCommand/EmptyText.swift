import ArgumentParser

/// Refuses an empty text where a name is needed: what a script passes whose variable is not set.
func refuseEmpty(_ text: String?, _ name: String) throws {
  if text?.isEmpty == true { throw ValidationError("\(name) needs a name, found an empty text") }
}
