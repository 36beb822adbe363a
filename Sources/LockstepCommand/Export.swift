import ArgumentParser
import Lockstep

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a trained model for other programs.",
    discussion: """
      An ONNX file has transform and network in one graph: an input for each raw column, under its name, and an output for
      each column that predict writes. Numbers are float64, words are strings, dates are microseconds since 1970 as int64.

      A folder for PyTorch has model.safetensors, model.py, which builds the network and loads them, and for a table
      transform.py, which makes features of raw columns in NumPy.

      A folder for PEFT has the adapter of a run with lora alone: adapter_model.safetensors and adapter_config.json. The other two
      have its weights with what the adapter adds.

      lockstep export runs/credit --onnx credit.onnx --pytorch credit
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var arithmetic: ArithmeticOptions

  @Option(help: ArgumentHelp("The ONNX file to write.", valueName: "file"))
  var onnx: String?

  @Option(help: ArgumentHelp("The folder to make for PyTorch.", valueName: "folder"))
  var pytorch: String?

  @Option(help: ArgumentHelp("The folder to make for PEFT: the adapter alone.", valueName: "folder"))
  var peft: String?

  func validate() throws {
    try refuseEmpty(onnx, "--onnx")
    try refuseEmpty(pytorch, "--pytorch")
    try refuseEmpty(peft, "--peft")
    if onnx == nil, pytorch == nil, peft == nil {
      throw ValidationError("expected what to write, found nothing; add --onnx FILE, --pytorch FOLDER or --peft FOLDER")
    }
  }

  func run() throws {
    let model = try model.load(for: "export", arithmetic: arithmetic.arithmetic)
    if let onnx {
      for line in try model.exportONNX(to: onnx).split(separator: "\n") { writeStandardError(line: String(line)) }
    }
    if let pytorch { writeStandardError(line: try model.exportPyTorch(to: pytorch)) }
    if let peft { writeStandardError(line: try model.exportAdapter(to: peft)) }
  }
}
