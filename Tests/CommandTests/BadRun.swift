import TestSupport
import Testing

/// A training that must end with one line and a documented code, and the files it needs.
struct BadRun: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let code: Int32
  /// A part of the line; `F/` stands for the folder of the files.
  let message: String
  /// Arguments of `lockstep train`; `F/` stands for the folder of the files.
  let arguments: [String]
  /// Also tried on two ranks, which takes a second each.
  var onTwoRanks = false

  init(_ name: String, _ code: Int32, _ message: String, _ arguments: [String], onTwoRanks: Bool = false) {
    (testDescription, self.code, self.message, self.arguments) = (name, code, message, arguments)
    self.onTwoRanks = onTwoRanks
  }

  /// `two-class` with one setting.
  init(_ name: String, _ code: Int32, _ message: String, set: String, onTwoRanks: Bool = false) {
    self.init(name, code, message, ["two-class", "--set", set], onTwoRanks: onTwoRanks)
  }

  /// A small network on a CSV file.
  init(_ name: String, csv: String, _ message: String, code: Int32 = 65, more: String = "", onTwoRanks: Bool = false) {
    self.init(
      name, code, message, ["two-class", "--set", "data={csv: {train: F/\(csv)\(more)}}"], onTwoRanks: onTwoRanks)
  }

  /// A small network on IDX files.
  init(_ name: String, images: String, labels: String = "labels", _ message: String, code: Int32 = 65) {
    self.init(
      name, code, message,
      [
        "two-class", "--set", "data={idx: {train: {images: F/\(images), labels: F/\(labels)}, classes: [a, b]}}",
        "--set", "model=[flatten, {dense: 2}]",
      ])
  }

  /// The data files of all of them.
  static func writeFiles(into folder: Folder) throws {
    try folder.write("good.csv", "x,y,class\n1,2,a\n-1,-2,b\n")
    try folder.write("ragged.csv", "x,y,class\n1,2,a\n1,2\n")
    try folder.write("word.csv", "x,y,class\n1,2,a\n1,two,b\n")
    try folder.write("nan.csv", "x,y,class\n1,2,a\n\n1,nan,b\n")
    try folder.write("empty.csv", "")
    try folder.write("header.csv", "x,y,class\n")
    try folder.write("label.csv", "x,y,class\n1,2,a\n1,2,\n")
    try folder.write("cut.csv.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b])
    try folder.write("images", idx([3, 2, 2], Array(0..<12)))
    try folder.write("labels", idx([3], [0, 1, 1]))
    try folder.write("cut-images", idx([3, 2, 2], Array(0..<11)))
    try folder.write("long-images", idx([3, 2, 2], Array(0..<13)))
    try folder.write("int-images", [0, 0, 12] + idx([3, 2, 2], Array(0..<12)).dropFirst(3))
    try folder.write("empty", [])
    try folder.write("high-labels", idx([3], [0, 1, 2]))
    try folder.write("few-labels", idx([2], [0, 1]))
    try folder.write("bad.yaml", "data: two-class\nmodel: [{dense: 2}]\nbach: 8\n")
    try folder.write("broken.yaml", "data: two-class\nmodel: [{dense: 2}\n")
    try folder.write("tab.yaml", "data:\n\ttwo-class: {train: 64}\nmodel: [{dense: 2}]\n")
    try folder.write("late-tab.yaml", "data: two-class\nmodel:\n  - dense:\n  \tunits: 2\n")
    try folder.write("file", "in the way")
  }

  static let all: [BadRun] = [
    // Settings.
    BadRun("unknown key", 78, "F/bad.yaml:3: bach: unknown key; did you mean batch?", ["F/bad.yaml"], onTwoRanks: true),
    BadRun("broken YAML", 78, "F/broken.yaml:3: not valid YAML", ["F/broken.yaml"]),
    BadRun(
      "tab", 78, "F/tab.yaml:2: expected spaces at the beginning of the line, found a tab; indent with spaces",
      ["F/tab.yaml"]),
    BadRun("tab behind spaces", 78, "F/late-tab.yaml:4: expected spaces at the beginning", ["F/late-tab.yaml"]),
    BadRun("no such file", 66, "F/no.yaml: open: No such file or directory", ["F/no.yaml"], onTwoRanks: true),
    BadRun("no such recipe", 66, "twoclass: there is no such recipe or file; did you mean two-class?", ["twoclass"]),
    BadRun(
      "batch", 78, "--set batch: expected a multiple of the micro-batch (16), found 65; a batch of 64", set: "batch=65"),
    BadRun("rate 0", 78, "expected a number greater than 0, found 0", set: "optimizer.adam.learning-rate=0"),
    BadRun("rate -1", 78, "expected a number greater than 0, found -1", set: "optimizer.adam.learning-rate=-1"),
    BadRun(
      "seed beyond 63 bits", 78,
      "--set seed: expected a whole number of at least 0, found 18446744073709551615; whole numbers go from "
        + "-9223372036854775808 to 9223372036854775807", set: "seed=18446744073709551615"),
    BadRun(
      "rate beyond doubles", 78, "expected a number greater than 0, found 1e999; numbers go up to 1.797",
      set: "optimizer.adam.learning-rate=1e999"),
    BadRun("unknown layer", 78, "found dens; did you mean dense?", set: "model.0={dens: 3}", onTwoRanks: true),
    BadRun(
      "outputs", 78, "2 classes, but the model has 3 outputs; give the last dense layer 2", set: "model.2.dense=3"),
    BadRun(
      "shapes", 78, "model.0 (dense): expected samples of rank 1 or 2 (put a flatten before it), found 2×2×1",
      [
        "two-class", "--set", "data={idx: {train: {images: F/images, labels: F/labels}}}",
      ], onTwoRanks: true),
    BadRun("override", 64, "--set batch: expected key.path=value", set: "batch", onTwoRanks: true),

    // Tables.
    BadRun("missing table", csv: "no.csv", "F/no.csv: open: No such file or directory", code: 66, onTwoRanks: true),
    BadRun(
      "empty path", 78, "--set data.csv.train: expected a path, found an empty text; name a file",
      ["two-class", "--set", "data={csv: {train: no.csv}}", "--set", "data.csv.train=''"]),
    BadRun("home", csv: "no.csv, test: ~/a.csv", "found ~/a.csv; write your home directory out", code: 78),
    BadRun("a directory", csv: "", "expected a file, found a directory", code: 66),
    BadRun(
      "ragged row", csv: "ragged.csv", "F/ragged.csv:3: expected 3 cells as in the header, found 2", onTwoRanks: true),
    BadRun("a word", csv: "word.csv", "F/word.csv:3: column 'y': expected a number, found 'two'"),
    BadRun("NaN", csv: "nan.csv", "F/nan.csv:4: column 'y': expected a finite number, found 'nan'"),
    BadRun("empty table", csv: "empty.csv", "F/empty.csv: expected a table with a header, found an empty file"),
    BadRun("header alone", csv: "header.csv", "F/header.csv: expected samples after the header, found none"),
    BadRun("no label", csv: "label.csv", "F/label.csv:3: column 'class': expected a label, found an empty cell"),
    BadRun(
      "unknown label", csv: "good.csv", "F/good.csv:3: column 'class': expected one of 2", more: ", classes: [a, c]"),
    BadRun("no such column", csv: "good.csv", "did you mean 'class'?", more: ", target: clas"),
    BadRun("cut off", csv: "cut.csv.gz", "F/cut.csv.gz: "),

    // Images.
    BadRun("missing images", images: "no", "F/no: open: No such file or directory", code: 66),
    BadRun("cut off images", images: "cut-images", "F/cut-images: expected 3×2×2 = 12 bytes of images, found 11"),
    BadRun("too long", images: "long-images", "F/long-images: expected "),
    BadRun("type", images: "int-images", "F/int-images: expected "),
    BadRun("no IDX", images: "good.csv", "F/good.csv: expected images in IDX format"),
    BadRun("empty images", images: "empty", "F/empty: "),
    BadRun("swapped", images: "labels", labels: "images", "check that images and labels are not swapped"),
    BadRun("label range", images: "images", labels: "high-labels", "expected labels in 0..<2, found 2 for sample 2"),
    BadRun("label count", images: "images", labels: "few-labels", "expected 3 labels, as many as images"),
    BadRun("missing labels", images: "images", labels: "no", "F/no: open: No such file or directory", code: 66),
  ]
}

/// An IDX file of unsigned bytes.
func idx(_ extents: [Int], _ bytes: [UInt8]) -> [UInt8] {
  var file: [UInt8] = [0, 0, 8, UInt8(extents.count)]
  for extent in extents { file += [0, 0, UInt8(extent >> 8), UInt8(extent & 255)] as [UInt8] }
  return file + bytes
}
