import Diagnostics
import Files
import Foundation

/// Where a configuration comes from: a recipe that the program carries, or a file.
package struct ConfigurationSource {
  let yaml: String
  let name: String
  let file: String
  /// What relative paths in the text start from.
  let directory: String
  /// What relative paths of the command line start from.
  let current: String

  init(
    yaml: String, name: String, file: String, directory: String? = nil,
    current: String = FileManager.default.currentDirectoryPath
  ) {
    self.yaml = yaml
    self.name = name
    self.file = file
    self.directory = directory ?? current
    self.current = current
  }

  /// Whether the program carries it.
  var isRecipe: Bool { file == Self.file(ofRecipe: name) }

  private static func file(ofRecipe name: String) -> String { "recipe \(name)" }

  /// All of it, to be sent to other ranks.
  var parts: [String] { [yaml, name, file, directory, current] }

  /// Of the `parts` of another one.
  init(parts: [String]) {
    self.init(yaml: parts[0], name: parts[1], file: parts[2], directory: parts[3], current: parts[4])
  }

  /// A name without a slash and an ending is one of `recipes`, everything else a file.
  package init(_ recipeOrFile: String, among recipes: [String: String] = Recipes.all) throws {
    if let recipe = recipes[recipeOrFile] {
      self.init(yaml: recipe, name: recipeOrFile, file: Self.file(ofRecipe: recipeOrFile))
      return
    }
    let isPath = recipeOrFile.contains("/") || recipeOrFile.hasSuffix(".yaml") || recipeOrFile.hasSuffix(".yml")
    if !isPath, !FileManager.default.fileExists(atPath: recipeOrFile) {
      let near = nearest(to: recipeOrFile, among: recipes.keys).map { "did you mean \($0)? " } ?? ""
      throw Failure(
        .missingInput, at: recipeOrFile, "there is no such recipe or file",
        cure: "\(near)recipes are \(recipes.keys.sorted().joined(separator: ", ")); "
          + "a file is named with its ending, ./run.yaml"
      )
    }
    self.init(
      yaml: try textFile(recipeOrFile, limit: 1 << 20), name: Self.name(ofFile: recipeOrFile),
      file: recipeOrFile, directory: Self.directory(of: URL(fileURLWithPath: recipeOrFile)))
  }

  /// `credit` of `work/credit.yaml`
  static func name(ofFile path: String) -> String {
    URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
  }

  /// The directory of a file; of what is none, such as a pipe, the current one.
  private static func directory(of url: URL) -> String? {
    guard isRegularFile(url.path) else { return nil }
    return url.deletingLastPathComponent().path
  }
}

/// The recipes that the program carries, so that one binary is all a node needs.
package enum Recipes {
  /// YAML by name.
  package static let all: [String: String] = [
    "accidents": text(PackageResources.accidents_yaml),
    "breast-cancer": text(PackageResources.breast_cancer_yaml),
    "char-gpt": text(PackageResources.char_gpt_yaml),
    "char-lstm": text(PackageResources.char_lstm_yaml),
    "churn": text(PackageResources.churn_yaml),
    "credit-risk": text(PackageResources.credit_risk_yaml),
    "disease": text(PackageResources.disease_yaml),
    "fashion-mnist": text(PackageResources.fashion_mnist_yaml),
    "fashion-mnist-cnn": text(PackageResources.fashion_mnist_cnn_yaml),
    "fashion-mnist-resnet": text(PackageResources.fashion_mnist_resnet_yaml),
    "gpt-words": text(PackageResources.gpt_words_yaml),
    "languages": text(PackageResources.languages_yaml),
    "letters": text(PackageResources.letters_yaml),
    "movielens": text(PackageResources.movielens_yaml),
    "pictures": text(PackageResources.pictures_yaml),
    "reviews": text(PackageResources.reviews_yaml),
    "sales": text(PackageResources.sales_yaml),
    "shuttle": text(PackageResources.shuttle_yaml),
    "topics": text(PackageResources.topics_yaml),
    "transfer": text(PackageResources.transfer_yaml),
    "two-class": text(PackageResources.two_class_yaml),
  ]

  package static var names: [String] { all.keys.sorted() }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
