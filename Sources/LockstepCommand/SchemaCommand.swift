import ArgumentParser
import Lockstep

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print a JSON Schema of the configuration, by which editors complete and check it.",
    discussion: """
      lockstep schema >lockstep.schema.json, and as the first line of a configuration:
        # yaml-language-server: $schema=lockstep.schema.json
      """)

  func run() throws {
    try requireAlone("schema")
    try writeStandardOutput(result: ConfigurationSchema.json())
  }
}
